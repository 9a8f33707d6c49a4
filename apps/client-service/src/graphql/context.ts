import type { LogPosition } from '@kiroku/core';
import { type RequestContext, type Requester, requestContext } from '@kiroku/service';
import type { ChangeSignal } from '../upstream/change-signal.ts';
import type { QueryName, QueryParams, QueryResult, Services } from '../upstream/services.ts';
import { atLeastHeader, Session } from './session.ts';

/** What a resolver works with, for one request. */
export interface GatewayContext {
  readonly services: Services;
  readonly request: RequestContext;
  readonly session: Session;
  readonly changes: (watched: Watched, signal: AbortSignal) => ChangeSignal;
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

/** Of which moment a query's answer is to be. */
export interface Reading {
  /** At least this position. */
  readonly atLeast?: LogPosition | null;
  /** Exactly this moment, for which read models were built: its name, a time or a position. */
  readonly asOf?: string | null;
}

/** Asks a query with everything the client has written; as of a moment, with what was written by then. */
export function ask<N extends QueryName>(
  context: GatewayContext,
  name: N,
  params: QueryParams<N>,
  { atLeast, asOf }: Reading = {},
): Promise<QueryResult<N>> {
  const { services, session, request } = context;
  if (typeof asOf === 'string') return services.query(name, params, { atLeast: atLeast ?? undefined, asOf, context: request });
  return services.query(name, params, { atLeast: session.atLeast(atLeast), context: request });
}
