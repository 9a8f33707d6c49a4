import type { Catalogue } from '../shopper/plan-visit.ts';
import type { Gateway } from './gateway.ts';

const pageSize = 100;
const most = 5_000;

/** Reads what is on sale. Throws if the shop cannot be asked or sells nothing. */
export async function readCatalogue(gateway: Gateway): Promise<Catalogue> {
  const { categoryTree } = await data<{ readonly categoryTree: readonly { readonly id: string }[] }>(gateway, '{ categoryTree { id } }');
  const products: { readonly id: string; readonly name: string }[] = [];
  for (let after: string | null = null; products.length < most; ) {
    const page: ProductPage = await data<ProductPage>(gateway, productsQuery, { after });
    products.push(...page.products.nodes);
    after = page.products.pageInfo.endCursor;
    if (!page.products.pageInfo.hasNextPage) break;
  }
  if (products.length === 0) throw new Error('The shop has nothing on sale. `kiroku up` fills an empty shop at its first start.');
  return { products, categories: categoryTree.map(({ id }) => id) };
}

/** Receives so many pieces of every product. */
export async function restock(gateway: Gateway, { products }: Catalogue, quantity: number): Promise<void> {
  const left = [...products];
  const receive = async () => {
    for (let product = left.pop(); product !== undefined; product = left.pop()) {
      await data(gateway, 'mutation ($input: ReceiveStockInput!) { receiveStock(input: $input) { position } }', {
        input: { productId: product.id, quantity },
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, receive));
}

interface ProductPage {
  readonly products: {
    readonly nodes: readonly { readonly id: string; readonly name: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
const productsQuery = `query ($after: String) {
  products(first: ${pageSize}, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
}`;

async function data<T>(gateway: Gateway, query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
  const answer = await gateway.ask({ query, variables });
  if (answer.outcome === 'done') return answer.data as T; // the gateway's schema says so
  throw new Error(`The shop cannot be used (${answer.code}). Look at \`kiroku health\`, and at the URL given with --url.`);
}
