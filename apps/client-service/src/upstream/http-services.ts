import { contextHeaders, type RequestContext } from '@kiroku/service';
import { Agent } from 'undici';
import { answerError, unreachable } from './answer-error.ts';
import type { CommandAccepted, CommandData, CommandType, QueryName, QueryOptions, QueryParams, QueryResult, Services } from './services.ts';
import { whileUnavailable } from './while-unavailable.ts';

export interface HttpServicesOptions {
  readonly commandUrl: string;
  readonly queryUrl: string;
  /** Milliseconds for an answer, with all tries. */
  readonly timeoutMs: number;
}

/** The services over HTTP, through connections that are kept. Commands carry their id, so both kinds of calls may be repeated. */
export class HttpServices implements Services, AsyncDisposable {
  readonly #agent = new Agent({ connections: 128, keepAliveTimeout: 30_000, connect: { timeout: 2_000 } });
  readonly #options: HttpServicesOptions;

  constructor(options: HttpServicesOptions) {
    this.#options = options;
  }

  async query<N extends QueryName>(name: N, params: QueryParams<N>, { atLeast, asOf, context }: QueryOptions): Promise<QueryResult<N>> {
    const body = { params, ...(atLeast !== undefined && { atLeast }), ...(asOf !== undefined && { asOf }) };
    const url = `${this.#options.queryUrl}/queries/${name}`;
    const answer = await this.#post('query service', url, body, contextHeaders(context));
    return answer.result as QueryResult<N>; // the route's response schema, checked where it is sent
  }

  async command<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    { commandId, context }: { readonly commandId: string; readonly context: RequestContext },
  ): Promise<CommandAccepted> {
    const headers = { ...contextHeaders(context), 'idempotency-key': commandId };
    const answer = await this.#post('command service', `${this.#options.commandUrl}/commands/${type}`, data, headers);
    return { position: Number(answer.position), duplicate: answer.duplicate === true };
  }

  /** Ends the connections when their answers are there. */
  stop(): Promise<void> {
    return this.#agent.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #post(service: string, url: string, body: unknown, headers: Record<string, string>): Promise<Readonly<Record<string, unknown>>> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    const payload = JSON.stringify(body);
    return whileUnavailable(() => this.#postOnce(service, url, { payload, headers, signal }), signal);
  }

  async #postOnce(
    service: string,
    url: string,
    { payload, headers, signal }: { readonly payload: string; readonly headers: Record<string, string>; readonly signal: AbortSignal },
  ): Promise<Readonly<Record<string, unknown>>> {
    const { origin, pathname: path } = new URL(url);
    try {
      const { statusCode, body } = await this.#agent.request({
        origin,
        path,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: payload,
        signal,
      });
      const answer: unknown = await body.json();
      if (statusCode === 200 && typeof answer === 'object' && answer !== null) return answer as Readonly<Record<string, unknown>>; // checked just now
      throw answerError(statusCode, answer);
    } catch (error) {
      throw unreachable(service, error);
    }
  }
}
