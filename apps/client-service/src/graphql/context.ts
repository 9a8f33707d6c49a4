import { type RequestContext, type Requester, requestContext } from '@kiroku/service';
import type { QueryName, QueryParams, QueryResult, Services } from '../upstream/services.ts';
import { atLeastHeader, Session } from './session.ts';

/** What a resolver works with, for one request. */
export interface GatewayContext {
  readonly services: Services;
  readonly request: RequestContext;
  readonly session: Session;
  readonly changes: (watched: Watched, signal: AbortSignal) => AsyncIterable<number>;
}

declare module 'mercurius' {
  interface MercuriusContext extends GatewayContext {}
}

/** Rows of a read model that a subscription looks at: of each table the keys, or `any`. */
export interface Watched {
  readonly projection: string;
  readonly tables: { readonly [table: string]: string | 'any' };
}

export function gatewayContext({ services, changes }: Pick<GatewayContext, 'services' | 'changes'>, requester: Requester): GatewayContext {
  return { services, changes, request: requestContext(requester), session: new Session(requester.headers[atLeastHeader]) };
}

/** Asks a query with everything the client has written. */
export function ask<N extends QueryName>(
  context: GatewayContext,
  name: N,
  params: QueryParams<N>,
  atLeast?: number | null,
): Promise<QueryResult<N>> {
  return context.services.query(name, params, { atLeast: context.session.atLeast(atLeast), context: context.request });
}
