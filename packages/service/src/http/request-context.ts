import type { IncomingHttpHeaders } from 'node:http';

export const correlationHeader = 'x-correlation-id';

const correlationShape = /^[\w.:/-]{1,128}$/;
const traceparentShape = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const actorShape = /^[\p{L}\p{N}\p{P}\p{S} ]{1,200}$/u;

/** What travels with a request from service to service and into the metadata of events. */
export interface RequestContext {
  readonly correlationId: string;
  /** W3C trace context, passed on as it came. */
  readonly traceparent?: string;
  readonly actor?: string;
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

/** The context of a request. Headers that do not have the right form are ignored. */
export function requestContext(request: Requester): RequestContext {
  const { traceparent, 'x-actor': actor } = request.headers;
  return {
    correlationId: request.id,
    ...(typeof traceparent === 'string' && traceparentShape.test(traceparent) && { traceparent }),
    ...(typeof actor === 'string' && actorShape.test(actor) && { actor }),
  };
}

/** The headers that carry a context to the next service. */
export function contextHeaders(context: RequestContext): Record<string, string> {
  return {
    [correlationHeader]: context.correlationId,
    ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
    ...(context.actor !== undefined && { 'x-actor': context.actor }),
  };
}
