import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type TraceContext, traceContextOf } from '../tracing/trace-context.ts';

export const correlationHeader = 'x-correlation-id';

const correlationShape = /^[\w.:/-]{1,128}$/;
const actorShape = /^[\p{L}\p{N}\p{P}\p{S} ]{1,200}$/u;

/** What travels with a request from service to service and into the metadata of events. */
export interface RequestContext extends TraceContext {
  readonly correlationId: string;
  /** Who asks, as far as trusted proxies say. */
  readonly actor?: string;
  /** Groups or roles of whoever asks, likewise. */
  readonly role?: string;
  /** The address a request came from in the first place. */
  readonly sourceAddress?: string;
}

/** A correlation id from outside if it is one, or else a new one. */
export function correlationIdFrom(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' && correlationShape.test(header) ? header : crypto.randomUUID();
}

/** A request, or one that opened a socket. */
export interface Requester {
  /** Its correlation id. */
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
}

/** The context of a request whose origin has been settled (`originSettler`). Headers that do not have the right form are ignored. */
export function requestContext(request: Requester): RequestContext {
  const { 'x-actor': actor, 'x-forwarded-groups': role, 'x-forwarded-for': from } = request.headers;
  return {
    correlationId: request.id,
    ...traceContextOf(request.headers),
    ...(typeof actor === 'string' && actorShape.test(actor) && { actor }),
    ...(typeof role === 'string' && actorShape.test(role) && { role }),
    ...(typeof from === 'string' && isIP(from) > 0 && { sourceAddress: from }),
  };
}

/** The headers that carry a context to the next service. */
export function contextHeaders(context: RequestContext): Record<string, string> {
  return {
    [correlationHeader]: context.correlationId,
    ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
    ...(context.tracestate !== undefined && { tracestate: context.tracestate }),
    ...(context.actor !== undefined && { 'x-actor': context.actor }),
    ...(context.role !== undefined && { 'x-forwarded-groups': context.role }),
    ...(context.sourceAddress !== undefined && { 'x-forwarded-for': context.sourceAddress }),
  };
}
