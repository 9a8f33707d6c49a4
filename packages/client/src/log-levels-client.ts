import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

type Levels = Answered<'/log-levels', 'get'>;

export interface LogLevelToSet {
  /** Default: all services that the gateway knows. */
  readonly service?: string;
  /** `configured`: back to what it falls back to. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | 'configured';
  /** Seconds until it falls back by itself. Default 600. */
  readonly forSeconds?: number;
}

/** The log levels of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class LogLevelsClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  async listLogLevels(service?: string): Promise<Levels> {
    const query = service === undefined ? {} : { service };
    return await answerOf(this.#options.url, this.#client.GET('/log-levels', { params: { query } }));
  }

  async changeLogLevels(change: LogLevelToSet): Promise<Levels> {
    const body = { ...onBehalf(this.#options.operator), ...change };
    return await answerOf(this.#options.url, this.#client.POST('/log-levels', { body }));
  }
}
