import { parsePositionToken, positionToken } from '@kiroku/core';
import { contextHeaders, Deadline, type RequestContext, type Tracing, tracedHttp, versionsHeader, withLogContext } from '@kiroku/service';
import { Agent, type Dispatcher } from 'undici';
import { answerError, unreachable } from './answer-error.ts';
import type { AnsweringServices, UpstreamAnswer } from './kept-answers.ts';
import type { QueryInstances } from './query-instances.ts';
import type { CommandAccepted, CommandData, CommandType, QueryName, QueryOptions, QueryParams, QueryResult } from './services.ts';
import { isPassing, whileUnavailable } from './while-unavailable.ts';

export interface HttpServicesOptions {
  readonly commandUrl: string;
  readonly queryInstances: QueryInstances;
  /** Milliseconds for an answer, with all tries. */
  readonly timeoutMs: number;
  readonly tracing?: Tracing | undefined;
}

type Answer = Readonly<Record<string, unknown>> & { readonly length: number; readonly versions: string };

interface UpstreamRequest {
  /** Who is asked, for people. */
  readonly service: string;
  readonly path: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Place {
  readonly origin: string;
  readonly pathname: string;
}

/** The services over HTTP, through connections that are kept. Commands carry their id, so both kinds of calls may be repeated. */
export class HttpServices implements AnsweringServices, AsyncDisposable {
  readonly #agent = new Agent({ connections: 128, keepAliveTimeout: 30_000, connect: { timeout: 2_000 } });
  readonly #http: Dispatcher;
  /** Where the services are, which are few, by their URLs. */
  readonly #places = new Map<string, Place>();
  readonly #options: HttpServicesOptions;

  constructor(options: HttpServicesOptions) {
    this.#options = options;
    this.#http = tracedHttp(this.#agent, options.tracing, { template: (path) => path });
  }

  async answer<N extends QueryName>(
    name: N,
    params: QueryParams<N>,
    { atLeast, asOf, context }: QueryOptions,
  ): Promise<UpstreamAnswer<QueryResult<N>>> {
    const body = { params, ...(atLeast !== undefined && { atLeast: positionToken(atLeast) }), ...(asOf !== undefined && { asOf }) };
    const request = { path: `/queries/${name}`, payload: JSON.stringify(body), headers: contextHeaders(context) };
    const until = this.#until();
    const { position, result, length, versions } = await whileUnavailable(() => this.#askInTurn(request, until), until);
    return { position: Number(position), result: result as QueryResult<N>, length, versions }; // the route's response schema, checked where it is sent
  }

  async command<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    { commandId, context }: { readonly commandId: string; readonly context: RequestContext },
  ): Promise<CommandAccepted> {
    const headers = { ...contextHeaders(context), 'idempotency-key': commandId };
    const request = { path: `/commands/${type}`, payload: JSON.stringify(data), headers, service: 'command service' };
    const until = this.#until();
    const ask = () => whileUnavailable(() => this.#post(this.#options.commandUrl, request, until), until);
    const answer = await withLogContext({ command: { id: commandId, type, data } }, ask);
    const position = parsePositionToken(String(answer.token)) ?? { timeline: 1, position: Number(answer.position) }; // an earlier release gives no token
    return { position, duplicate: answer.duplicate === true };
  }

  /** Ends the connections when their answers are there. */
  stop(): Promise<void> {
    return this.#agent.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** A read may be repeated: what one instance cannot answer is asked of the next. */
  async #askInTurn(request: Omit<UpstreamRequest, 'service'>, until: number): Promise<Answer> {
    const { queryInstances: instances, timeoutMs } = this.#options;
    let failure: unknown;
    for (const url of instances.inTurn()) {
      // one that hangs must leave time for another
      const each = instances.urls.length === 1 ? until : Math.min(until, performance.now() + timeoutMs / 2);
      try {
        return await this.#post(url, { ...request, service: 'query service' }, each);
      } catch (error) {
        if (!isPassing(error)) throw error;
        instances.failed(url);
        failure = error;
        if (performance.now() >= until) break;
      }
    }
    throw failure;
  }

  /** On the monotonic clock. */
  #until(): number {
    return performance.now() + this.#options.timeoutMs;
  }

  async #post(url: string, { service, path, payload, headers }: UpstreamRequest, until: number): Promise<Answer> {
    const { origin, pathname } = this.#place(url);
    const signal = new Deadline(Math.max(1, until - performance.now()));
    try {
      const response = await this.#http.request({
        origin,
        path: `${pathname}${path}`,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: payload,
        signal,
      });
      const { statusCode } = response;
      const text = await response.body.text();
      const answer: unknown = JSON.parse(text);
      const versions = String(response.headers[versionsHeader] ?? '');
      if (statusCode === 200 && typeof answer === 'object' && answer !== null) return { ...answer, length: text.length, versions };
      throw answerError(statusCode, answer);
    } catch (error) {
      throw unreachable(service, error);
    } finally {
      signal[Symbol.dispose]();
    }
  }

  #place(url: string): Place {
    const known = this.#places.get(url);
    if (known !== undefined) return known;
    const { origin, pathname } = new URL(url);
    const place = { origin, pathname: pathname.replace(/\/$/, '') };
    this.#places.set(url, place);
    return place;
  }
}
