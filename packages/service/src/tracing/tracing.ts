import { isKirokuError } from '@kiroku/core';
import {
  type Attributes,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { followContexts, logContext, withLogContext } from '../logging/log-context.ts';
import { parseTraceparent, type TraceContext } from './trace-context.ts';

/** A trace context, or what has one among other things. */
type Parent = { readonly [Field in keyof TraceContext]?: TraceContext[Field] | undefined };

/** A piece of work as a trace shows it. */
export interface SpanDescription {
  /** One of few: ids are attributes. */
  readonly name: string;
  /** Default: `internal`. */
  readonly kind?: keyof typeof kinds;
  /** What led to it. Default: what is being done at the moment. One without a trace begins a new one. */
  readonly parent?: Parent;
  /** Ids, types, codes and figures: never data, nor the text of an error. */
  readonly attributes?: Attributes;
  /** Traces that have to do with it. */
  readonly links?: readonly Parent[];
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Records what is done as spans of OpenTelemetry. The span something is done in is the `traceparent` of its log context, so that there is one
 * context for both.
 */
export class Tracing {
  readonly #tracer: Pick<Tracer, 'startSpan'>;

  constructor(tracer: Pick<Tracer, 'startSpan'>) {
    this.#tracer = tracer;
    followContexts(); // a span is the context of what is done in it
  }

  /** Whether something is done within a trace at the moment. */
  get isWithin(): boolean {
    return logContext()?.traceparent !== undefined;
  }

  /** Begins a span, to be ended by the caller. */
  begin({ name, kind = 'internal', parent = logContext(), attributes, links = [], startedAt }: SpanDescription): ActiveSpan {
    const above = spanContextOf(parent, kind === 'server' || kind === 'consumer');
    const context = above === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, above);
    const linked = links.map((each) => spanContextOf(each, true)).filter((each) => each !== undefined);
    const span = this.#tracer.startSpan(
      name,
      {
        kind: kinds[kind],
        links: linked.map((each) => ({ context: each })),
        ...(attributes && { attributes }),
        ...(startedAt !== undefined && { startTime: startedAt }),
      },
      context,
    );
    return new ActiveSpan(span);
  }

  /** Does something in a span: what is done meanwhile is below it, what it throws is its failure. */
  async during<T>(description: SpanDescription, work: (span: ActiveSpan) => Promise<T>): Promise<T> {
    const span = this.begin(description);
    try {
      return await withLogContext(span.context, () => work(span));
    } catch (error) {
      span.failed(error);
      throw error;
    } finally {
      span.end();
    }
  }
}

/** A span that has begun. */
export class ActiveSpan {
  /** What is below it is given this. */
  readonly context: TraceContext;
  readonly #span: Span;

  constructor(span: Span) {
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const tracestate = traceState?.serialize() ?? '';
    this.#span = span;
    this.context = {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      ...(tracestate !== '' && { tracestate }),
    };
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  /** Of an error the code is told. */
  failed(error: unknown): void {
    this.failedWith(typeOf(error));
  }

  /** `type`: a word for what went wrong. */
  failedWith(type: string): void {
    this.#span.setAttribute('error.type', type);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.#span.end();
  }
}

function spanContextOf(context: Parent | undefined, isRemote: boolean): SpanContext | undefined {
  const parsed = parseTraceparent(context?.traceparent);
  if (parsed === undefined) return undefined;
  const { traceId, spanId, flags } = parsed;
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote,
    ...(context?.tracestate !== undefined && { traceState: createTraceState(context.tracestate) }),
  };
}

/** Not its message: it may tell what somebody has entered. */
function typeOf(error: unknown): string {
  if (isKirokuError(error)) return error.code;
  return error instanceof Error ? ('code' in error && typeof error.code === 'string' ? error.code : error.name) : 'unknown';
}
