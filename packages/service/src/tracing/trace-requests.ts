import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Ending, whenOver } from '../http/when-over.ts';
import { traceContextOf } from './trace-context.ts';
import type { ActiveSpan, Tracing } from './tracing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false`: requests of this route make no span, e.g. because they last as long as somebody listens. */
    readonly traced?: false;
  }
}

/**
 * Makes a span of every request, below the trace of whoever sent it. From then on the request's own `traceparent` is that span: whatever is read
 * from its headers and passed on is below it.
 */
export function traceRequests(app: FastifyInstance, tracing: Tracing, isAboutProcess: (request: FastifyRequest) => boolean): void {
  const spans = new WeakMap<FastifyRequest, ActiveSpan>();
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.traced !== false && !isAboutProcess(request)) {
      const span = tracing.begin({ ...describe(request), kind: 'server', parent: traceContextOf(request.headers) });
      spans.set(request, span);
      Object.assign(request.headers, { tracestate: undefined, ...span.context });
    }
    done();
  });
  whenOver(app, (request, reply, ending) => end(spans.get(request), reply, ending));
}

/** Of the address no more than a route knows: what else stands in it, and after `?`, may be anybody's. */
function describe({ method, routeOptions, url, id, protocol }: FastifyRequest) {
  const route = routeOptions.url;
  return {
    name: route === undefined ? method : `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'url.scheme': protocol,
      ...(route !== undefined && { 'http.route': route, 'url.path': url.split('?', 1)[0] ?? '' }),
      'kiroku.correlation_id': id,
    },
  };
}

function end(span: ActiveSpan | undefined, { statusCode, raw }: FastifyReply, ending: Ending): void {
  if (ending === 'answered' || raw.headersSent) span?.set({ 'http.response.status_code': statusCode });
  if (ending === 'left') span?.failedWith('aborted');
  else if (statusCode >= 500) span?.failedWith(String(statusCode));
  span?.end();
}
