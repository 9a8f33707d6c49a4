import type { LogPosition } from '@kiroku/core';
import type { RequestContext } from '@kiroku/service';
import type { operations as CommandOperations } from '../generated/command-service.ts';
import type { operations as QueryOperations } from '../generated/query-service.ts';

export type QueryName = keyof QueryOperations;
export type CommandType = Exclude<keyof CommandOperations, 'getCommands'>;

type JsonBody<O> = O extends { requestBody: { content: { 'application/json': infer Body } } } ? Body : never;
type Answer<O> = O extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never;

export type QueryParams<N extends QueryName> = JsonBody<QueryOperations[N]> extends { params: infer P } ? P : never;
export type QueryResult<N extends QueryName> = Answer<QueryOperations[N]> extends { result: infer R } ? R : never;
export type CommandData<T extends CommandType> = JsonBody<CommandOperations[T]>;

/** What a command led to. */
export interface CommandAccepted {
  readonly position: LogPosition;
  readonly duplicate: boolean;
}

export interface QueryOptions {
  readonly atLeast?: LogPosition | undefined;
  /** Name, time or position of a moment for which read models were built. */
  readonly asOf?: string | undefined;
  readonly context: RequestContext;
}

/** The services behind the gateway. Throws `GatewayError`. */
export interface Services {
  query<N extends QueryName>(name: N, params: QueryParams<N>, options: QueryOptions): Promise<QueryResult<N>>;
  command<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    options: { readonly commandId: string; readonly context: RequestContext },
  ): Promise<CommandAccepted>;
}
