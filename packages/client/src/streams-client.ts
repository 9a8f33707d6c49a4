import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

/** Which state of a stream. */
export interface StateToFold {
  readonly stream: string;
  /** Up to this version of the stream. Not together with `at`. */
  readonly version?: number;
  /** Up to this position of the log, or with what was recorded by this time (ISO 8601). Default: all events. */
  readonly at?: number | string;
}

/** The streams of a gateway's installation. Throws the faults that the operations API tells of, and `ServiceUnavailable`. */
export class StreamsClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  /** `reveal`: with personal fields decrypted, which is recorded in the audit log. */
  async stateOfStream(
    { stream, version, at }: StateToFold,
    { reveal = false }: { readonly reveal?: boolean } = {},
  ): Promise<Answered<'/streams/{stream}/state', 'get'>> {
    const path = { stream };
    const body = { ...onBehalf(this.#options.operator), ...(version !== undefined && { version }), ...(at !== undefined && { at }) };
    const query = { ...(version !== undefined && { version }), ...(at !== undefined && { at: String(at) }) };
    const asking = reveal
      ? this.#client.POST('/streams/{stream}/state', { params: { path }, body })
      : this.#client.GET('/streams/{stream}/state', { params: { path, query } });
    return await answerOf(this.#options.url, asking);
  }
}
