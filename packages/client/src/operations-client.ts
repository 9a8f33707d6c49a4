import type { ActionFilter, Job, JobControl, JobLine, JobState, RecordedAction } from '@kiroku/core';
import createClient, { type Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';

export interface OperationsClientOptions {
  /** Of the gateway: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** On whose behalf, and why: what the audit log notes. */
  readonly operator: { readonly name: string; readonly reason?: string };
  /** Milliseconds for an answer. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: that of the platform. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** The operations API of a gateway. Throws the faults it tells of, and `ServiceUnavailable` if it cannot be reached. */
export class OperationsClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    const { url, timeoutMs = 30_000, fetch: send = fetch } = options;
    this.#options = options;
    this.#client = createClient<paths>({
      baseUrl: new URL('operations', url.endsWith('/') ? url : `${url}/`).href,
      fetch: (request) => send(new Request(request, { signal: AbortSignal.timeout(timeoutMs) })),
      querySerializer: { array: { style: 'form', explode: true } },
    });
  }

  /** Latest first. */
  async listJobs(filter: {
    readonly states?: readonly JobState[];
    readonly verb?: string;
    readonly limit: number;
  }): Promise<readonly Job[]> {
    const { states, verb, limit } = filter;
    const query = { limit, ...(states && { state: [...states] }), ...(verb !== undefined && { verb }) };
    return (await this.#answer(this.#client.GET('/jobs', { params: { query } }))) as readonly Job[]; // their JSON is typed more closely in core
  }

  async showJob(id: string, { lines }: { readonly lines: number }): Promise<{ readonly job: Job; readonly lines: readonly JobLine[] }> {
    const shown = await this.#answer(this.#client.GET('/jobs/{id}', { params: { path: { id }, query: { lines } } }));
    return shown as { readonly job: Job; readonly lines: readonly JobLine[] }; // likewise
  }

  /** Pauses, resumes or cancels a job. */
  async controlJob(id: string, control: JobControl): Promise<Job> {
    const { name, reason } = this.#options.operator;
    const body = { operator: name, ...(reason !== undefined && { reason }) };
    return (await this.#answer(this.#client.POST(`/jobs/{id}/${control}`, { params: { path: { id } }, body }))) as Job; // likewise
  }

  /** Latest first. */
  async listActions(filter: ActionFilter): Promise<readonly RecordedAction[]> {
    return (await this.#answer(this.#client.GET('/audit', { params: { query: { ...filter } } }))) as readonly RecordedAction[]; // likewise
  }

  #answer<T>(asking: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
    return answerOf(this.#options.url, asking);
  }
}
