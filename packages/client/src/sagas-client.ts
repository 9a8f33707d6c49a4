import type { JsonObject } from '@kiroku/core';
import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

type Saga = Omit<Answered<'/sagas/{id}', 'get'>, 'state'> & { readonly state: JsonObject };

/** A saga, and what of its timeline. */
export interface SagaToShow {
  readonly id: string;
  /** Needed if several process managers have a saga of this id. */
  readonly processManager?: string;
  /** At most. Default 200. */
  readonly lines?: number;
  /** Only lines before this number. */
  readonly before?: number;
}

/** A saga, and what is to become of it. */
export interface SagaToSteer {
  readonly id: string;
  readonly control: 'retry' | 'compensate' | 'close';
  /** Needed if several process managers have a saga of this id. */
  readonly processManager?: string;
}

/** The sagas of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class SagasClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  /** Those that moved last first; `before`: `movedAt,processManager,id` of the last one of the list before, each percent-encoded, or a time. */
  async listSagas(filter: {
    readonly status?: 'running' | 'done' | 'failed' | 'stuck';
    readonly processManager?: string;
    readonly before?: string;
    readonly limit: number;
  }): Promise<Answered<'/sagas', 'get'>> {
    const { status: state, ...rest } = filter;
    return await this.#answer(this.#client.GET('/sagas', { params: { query: { ...rest, ...(state && { state }) } } }));
  }

  /** With the last lines of its timeline, or the last before a number. */
  async showSaga({ id, ...query }: SagaToShow): Promise<Saga> {
    const params = { path: { id }, query };
    return (await this.#answer(this.#client.GET('/sagas/{id}', { params }))) as Saga; // its JSON is typed more closely in core
  }

  async sagaStats(): Promise<Answered<'/saga-stats', 'get'>> {
    return await this.#answer(this.#client.GET('/saga-stats'));
  }

  async sagaDiagram(name: string): Promise<string> {
    return (await this.#answer(this.#client.GET('/saga-diagrams/{name}', { params: { path: { name } } }))).diagram;
  }

  /** What a control would lead to, in lines for people. */
  async planSagaControl({ id, control, processManager }: SagaToSteer): Promise<readonly string[]> {
    const params = { path: { id }, query: queryOf(processManager) };
    return (await this.#answer(this.#client.GET(`/sagas/{id}/${control}`, { params }))).plan;
  }

  async controlSaga({ id, control, processManager }: SagaToSteer): Promise<Saga> {
    const body = { ...onBehalf(this.#options.operator), ...queryOf(processManager) };
    return (await this.#answer(this.#client.POST(`/sagas/{id}/${control}`, { params: { path: { id } }, body }))) as Saga; // likewise
  }

  #answer<T>(asking: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
    return answerOf(this.#options.url, asking);
  }
}

function queryOf(processManager: string | undefined): { processManager?: string } {
  return processManager === undefined ? {} : { processManager };
}
