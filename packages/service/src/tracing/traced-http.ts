import type { Dispatcher } from 'undici';
import { traceContextOf } from './trace-context.ts';
import type { ActiveSpan, Tracing } from './tracing.ts';

export interface TracedHttpOptions {
  /** What is told of a path, e.g. `/payments/outcomes/{key}`. Default: nothing, for it may be a secret between us and the receiver. */
  readonly template?: (path: string) => string;
}

/**
 * The same connections, with a span for every request, below the `traceparent` that it carries; the request carries on that of the span.
 * Without tracing the connections themselves. To be closed are those that were given.
 */
export function tracedHttp(dispatcher: Dispatcher, tracing: Tracing | undefined, { template }: TracedHttpOptions = {}): Dispatcher {
  if (tracing === undefined) return dispatcher;
  return dispatcher.compose((dispatch) => (options, handler) => {
    const headers = (options.headers ?? {}) as Readonly<Record<string, string>>; // all of ours are given so
    const span = tracing.begin({ ...describe(options, template), kind: 'client', parent: traceContextOf(headers) });
    return dispatch({ ...options, headers: { ...headers, ...span.context } }, watched(handler, span));
  });
}

function describe({ method, origin, path }: Dispatcher.DispatchOptions, template: TracedHttpOptions['template']) {
  const known = template?.(path.split('?', 1)[0] ?? path);
  const { hostname, port, protocol } = new URL(String(origin));
  return {
    name: known === undefined ? method : `${method} ${known}`,
    attributes: {
      'http.request.method': method,
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      ...(known !== undefined && { 'url.template': known }),
    },
  };
}

function watched(handler: Dispatcher.DispatchHandler, span: ActiveSpan): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onRequestUpgrade: (controller, statusCode, headers, socket) => handler.onRequestUpgrade?.(controller, statusCode, headers, socket),
    onResponseStart: (controller, statusCode, headers, statusMessage) => {
      span.set({ 'http.response.status_code': statusCode });
      if (statusCode >= 400) span.failedWith(String(statusCode));
      return handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
    },
    onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
    onResponseEnd: (controller, trailers) => {
      span.end();
      return handler.onResponseEnd?.(controller, trailers);
    },
    onResponseError: (controller, error) => {
      span.failed(error);
      span.end();
      return handler.onResponseError?.(controller, error);
    },
  };
}
