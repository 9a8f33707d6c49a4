import type { Job } from '@kiroku/core';
import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

type Moment = Answered<'/moments/{name}', 'get'>;

/** A moment that is to be built. */
export interface MomentToBuild {
  /** A position, or a time (ISO 8601). */
  readonly until: number | string;
  /** Of projections. Default: all. */
  readonly names?: readonly string[];
  readonly into?: string;
  readonly replace?: boolean;
}

/** The moments of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class MomentsClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  /** Oldest position first; `after`: `position,name` of the last one of the list before. */
  async listMoments(filter: { readonly after?: string; readonly limit: number }): Promise<readonly Moment[]> {
    return await this.#answer(this.#client.GET('/moments', { params: { query: { ...filter } } }));
  }

  async showMoment(name: string): Promise<Moment> {
    return await this.#answer(this.#client.GET('/moments/{name}', { params: { path: { name } } }));
  }

  /** What a replay would build, and where. */
  async planReplay({ until, names = [], into, replace }: MomentToBuild): Promise<Answered<'/replay-plan', 'get'>> {
    const query = {
      until: String(until),
      ...(names.length > 0 && { projection: [...names] }),
      ...(into !== undefined && { into }),
      ...(replace !== undefined && { replace: String(replace) }),
    };
    return await this.#answer(this.#client.GET('/replay-plan', { params: { query } }));
  }

  /** Queues a job that builds a moment. */
  async replay({ names = [], ...moment }: MomentToBuild & { readonly memoryBytes?: number }): Promise<Job> {
    const projections = names.length > 0 ? [...names] : ('all' as const);
    const body = { ...onBehalf(this.#options.operator), ...moment, projections };
    return (await this.#answer(this.#client.POST('/moments', { body }))) as Job; // its JSON is typed more closely in core
  }

  /** How rows differ, with the first `limit` of each table. */
  async diffMoments(sides: {
    readonly before: string;
    readonly after: string;
    readonly names?: readonly string[];
    readonly limit: number;
  }): Promise<Answered<'/moments/{before}/diff/{after}', 'get'>> {
    const { names = [], limit, ...path } = sides;
    const query = { limit, ...(names.length > 0 && { projection: [...names] }) };
    return await this.#answer(this.#client.GET('/moments/{before}/diff/{after}', { params: { path, query } }));
  }

  async dropMoment(name: string): Promise<Moment> {
    const body = onBehalf(this.#options.operator);
    return await this.#answer(this.#client.POST('/moments/{name}/drop', { params: { path: { name } }, body }));
  }

  #answer<T>(asking: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
    return answerOf(this.#options.url, asking);
  }
}
