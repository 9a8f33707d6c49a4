import { AsyncLocalStorage } from 'node:async_hooks';
import { parseTraceparent } from '../tracing/trace-context.ts';

/** A command as log lines tell of it. */
export interface LoggedCommand {
  readonly id: string;
  readonly type: string;
  /** Its personal values are left out of whatever is logged while it is handled. */
  readonly data?: unknown;
}

/** What happens at the moment, on whose behalf: every line that is logged meanwhile says so. */
export interface LogContext {
  readonly correlationId?: string | undefined;
  /** W3C trace context: the span it happens in, or where it is not traced the sender's. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  readonly command?: LoggedCommand | undefined;
  /** What was sent to us, such as the body of a request: its personal values are left out likewise. */
  readonly given?: unknown;
  /** Asked when something is logged; `undefined` while it cannot be said. */
  readonly stream?: (() => string | undefined) | undefined;
}

let current: AsyncLocalStorage<LogContext> | undefined;

/**
 * From now on contexts are followed through what runs asynchronously. Up to Node 22 that is done by hooks of every promise: a third of what a busy
 * service could answer. Where it is not, lines have the ids that their logger carries (`loggerWithin`).
 */
export function followContexts(): void {
  current ??= new AsyncLocalStorage();
}

/** Where following costs next to nothing: https://nodejs.org/en/blog/release/v24.0.0 */
export function followsCheaply(version = process.versions.node): boolean {
  return Number.parseInt(version, 10) >= 24;
}

/** Runs something whose log lines carry the ids of `context`, besides those of what it runs within, if contexts are followed. */
export function withLogContext<T>(context: LogContext, run: () => T): T {
  if (current === undefined) return run();
  const outer = current.getStore();
  return current.run(outer === undefined ? context : { ...outer, ...context }, run);
}

/** Of what is being done, if contexts are followed. */
export function logContext(): LogContext | undefined {
  return current?.getStore();
}

/** The ids of a context as fields of a log line. */
export function idsOf({ correlationId, traceparent, command, stream: streamOf }: LogContext): Record<string, string> {
  const trace = parseTraceparent(traceparent);
  const stream = streamOf?.();
  return {
    ...(correlationId !== undefined && { correlationId }),
    ...(trace !== undefined && { traceId: trace.traceId, spanId: trace.spanId }),
    ...(command !== undefined && { commandId: command.id, command: command.type }),
    ...(stream !== undefined && { stream }),
  };
}
