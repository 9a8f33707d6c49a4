import { KirokuError } from '@kiroku/core';
import type { Warmup, WarmupTurn } from '@kiroku/service';
import { KeptAnswers, type KeptAnswersOptions } from '../upstream/kept-answers.ts';
import type { QueryName, QueryParams, QueryResult } from '../upstream/services.ts';
import { GatewayError } from './gateway-error.ts';
import { customersParams, ordersByCustomerParams, type Paged, productsParams } from './query-params.ts';

interface Asking extends Pick<WarmupTurn, 'limit' | 'each'> {
  readonly ask: <N extends QueryName>(name: N, params: QueryParams<N>) => Promise<QueryResult<N>>;
}

/** What the schema gives to arguments that a client leaves out. */
const leftOut = { first: 20, filter: { includeSubcategories: false, includeDiscontinued: false } };
const { first } = leftOut;

/** By entity: asks what clients ask about it that leave to the schema what they can. Each says whether that was all there is. */
const entities: { readonly [entity: string]: (asking: Asking) => Promise<boolean> } = {
  products: async ({ ask, each, limit }) => {
    const { ids, all } = await allPages(limit, (paged) => ask('products', productsParams(paged)));
    await each(ids, (id) => ask('product', { id }));
    return all;
  },
  categories: async ({ ask, each, limit }) => {
    const tree = await ask('categoryTree', {});
    await each(tree.slice(0, limit), async ({ id }) => {
      await ask('category', { id });
      await ask('products', productsParams({ first, filter: { categoryId: id, ...leftOut.filter } }));
    });
    return tree.length <= limit;
  },
  customers: async ({ ask, each, limit }) => {
    const { ids, all } = await allPages(limit, (paged) => ask('customers', customersParams(paged)));
    await each(ids, async (id) => {
      await ask('customer', { id });
      await ask('ordersByCustomer', ordersByCustomerParams({ first, customerId: id }));
    });
    return all;
  },
};

/** What operators can have asked for, so that it is kept before clients ask. */
export function shopWarmups(answering: Omit<KeptAnswersOptions, 'cache'>): { readonly [entity: string]: Warmup } {
  return Object.fromEntries(Object.entries(entities).map(([entity, warmUp]) => [entity, warmingUp(answering, warmUp)]));
}

function warmingUp(answering: Omit<KeptAnswersOptions, 'cache'>, warmUp: (asking: Asking) => Promise<boolean>): Warmup {
  return async ({ cache, context, limit, each }) => {
    const services = new KeptAnswers({ ...answering, cache });
    try {
      return await warmUp({ ask: (name, params) => services.query(name, params, { context }), limit, each });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { code, retryable = false } = error.extensions;
      const message = `The query service has not answered everything that was asked of it (${code}). What it has is kept.`;
      throw new KirokuError(retryable ? 'ServiceUnavailable' : 'Internal', message, { cause: error });
    }
  };
}

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly hasNextPage: boolean;
}

/** Reads a list page by page until it has shown so many, or ends. */
async function allPages(
  limit: number,
  page: (paged: Paged) => Promise<Page>,
): Promise<{ readonly ids: readonly string[]; readonly all: boolean }> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { edges, hasNextPage } = await page({ first, ...(after !== undefined && { after }) });
    ids.push(...edges.map(({ node }) => node.id));
    after = hasNextPage ? edges.at(-1)?.cursor : undefined;
  } while (after !== undefined && ids.length < limit);
  return { ids: ids.slice(0, limit), all: after === undefined && ids.length <= limit };
}
