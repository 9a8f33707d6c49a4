/** W3C trace context (https://www.w3.org/TR/trace-context/), as it stands in headers and in the metadata of events and commands. */
export interface TraceContext {
  readonly traceparent?: string;
  /** What tracing systems outside tell each other; passed on as it came. */
  readonly tracestate?: string;
}

/** `<version>-<32 hex digits: the trace>-<16: the span>-<flags>`; later versions may add to it. */
const traceparentShape = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const memberShape = /^[ \t]*(?:[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256})?[ \t]*$/;
const mostMembers = 32;
const longestState = 512;

/** The trace that a request or an event belongs to. What is malformed counts as absent; without a trace its state says nothing. */
export function traceContextOf({ traceparent, tracestate }: Readonly<Record<string, unknown>>): TraceContext {
  const parsed = parseTraceparent(traceparent);
  if (parsed === undefined) return {};
  return {
    traceparent: `00-${parsed.traceId}-${parsed.spanId}-${parsed.flags}`,
    ...(isTracestate(tracestate) && { tracestate }),
  };
}

export interface ParsedTraceparent {
  readonly traceId: string;
  readonly spanId: string;
  /** Two hex digits. The last bit: the trace is recorded. */
  readonly flags: string;
}

/** The parts of a `traceparent`; `undefined` if it is none. */
export function parseTraceparent(traceparent: unknown): ParsedTraceparent | undefined {
  const [, version, traceId, spanId, flags, more] = (typeof traceparent === 'string' && traceparentShape.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return version === '00' && more !== undefined ? undefined : { traceId, spanId, flags };
}

function isTracestate(tracestate: unknown): tracestate is string {
  if (typeof tracestate !== 'string' || tracestate.length > longestState || tracestate.trim() === '') return false;
  const members = tracestate.split(',');
  return members.length <= mostMembers && members.every((member) => memberShape.test(member));
}
