import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type TraceContext, traceContextOf } from '../tracing/trace-context.ts';

export const correlationHeader = 'x-correlation-id';

const correlationShape = /^[\w.:/-]{1,128}$/;
const actorShape = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u;
const beyondAscii = /[^\0-\x7f]/;

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
  const { 'x-actor': user, 'x-forwarded-groups': groups, 'x-forwarded-for': from } = request.headers;
  const actor = nameIn(user);
  const role = nameIn(groups);
  return {
    correlationId: request.id,
    ...traceContextOf(request.headers),
    ...(actor !== undefined && { actor }),
    ...(role !== undefined && { role }),
    ...(typeof from === 'string' && isIP(from) > 0 && { sourceAddress: from }),
  };
}

/** Proxies send names in UTF-8, and Node reads every byte of a header as a character of its own. */
function nameIn(header: string | readonly string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  const utf8 = beyondAscii.test(header) ? Buffer.from(header, 'latin1').toString() : header;
  const name = utf8.includes('\ufffd') ? header : utf8;
  return actorShape.test(name) ? name : undefined;
}

function headerOf(name: string): string {
  return beyondAscii.test(name) ? Buffer.from(name).toString('latin1') : name;
}

/** The headers that carry a context to the next service. */
export function contextHeaders(context: RequestContext): Record<string, string> {
  return {
    [correlationHeader]: context.correlationId,
    ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
    ...(context.tracestate !== undefined && { tracestate: context.tracestate }),
    ...(context.actor !== undefined && { 'x-actor': headerOf(context.actor) }),
    ...(context.role !== undefined && { 'x-forwarded-groups': headerOf(context.role) }),
    ...(context.sourceAddress !== undefined && { 'x-forwarded-for': context.sourceAddress }),
  };
}
