import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { type Ending, whenOver } from '../http/when-over.ts';
import type { Metrics } from './metrics.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const statusClasses = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

const usual = ['2xx', '4xx', '5xx'];

/** Counts and times what the server answers, of routes registered after it. Labels are of the routes it has, never of the address that was asked for. */
export function countRequests(
  app: FastifyInstance,
  metrics: Metrics,
  isAboutProcess: (request: Pick<FastifyRequest, 'url'>) => boolean,
): void {
  const requests = metrics.counter('httpRequests');
  const durations = metrics.histogram('httpDuration');
  const known = new Set<string>();
  // from the start: a rate sees nothing of a series that begins with its first value, and shares are too high without it
  const know = (route: string, method: string): void => {
    const asked = `${method} ${route}`;
    if (known.has(asked)) return;
    known.add(asked);
    for (const status of usual) requests.inc({ route, method, status }, 0);
  };
  app.addHook('onRoute', (route) => {
    if (!isAboutProcess(route)) for (const method of methodsOf(route)) know(route.url, method);
  });
  whenOver(app, (request, reply, ending) => {
    if (isAboutProcess(request)) return;
    const route = request.routeOptions.url ?? 'unknown'; // a pattern, e.g. /commands/PlaceOrder
    const method = methods.has(request.method) ? request.method : 'other';
    const status = statusClasses[Math.trunc(statusOf(reply, ending) / 100)] ?? 'other';
    know(route, method); // what has no route
    requests.inc({ route, method, status });
    if (ending === 'answered' && !isStream(reply)) durations.observe({ route, method }, reply.elapsedTime / 1_000);
  });
}

/** Without HEAD, which every GET brings along and hardly anybody asks for. */
function methodsOf({ method }: RouteOptions): readonly string[] {
  return [method].flat().filter((each) => methods.has(each) && each !== 'HEAD');
}

/** nginx's status for a request whose sender left before any answer: no fault of ours. A stream is left by whoever has heard enough. */
const clientClosedRequest = 499;

function statusOf({ statusCode, raw }: FastifyReply, ending: Ending): number {
  return ending === 'answered' || raw.headersSent ? statusCode : clientClosedRequest;
}

function isStream(reply: FastifyReply): boolean {
  const type = reply.getHeader('content-type');
  return typeof type === 'string' && (type.startsWith('application/x-ndjson') || type.startsWith('text/event-stream'));
}
