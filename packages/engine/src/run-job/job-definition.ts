import type { JobProgress, JsonObject, JsonValue } from '@kiroku/core';

/** What a running job works with. */
export interface JobContext<Arguments extends JsonObject = JsonObject, Cursor extends JsonObject = JsonObject> {
  readonly id: string;
  /** Of this run: a later one outdates it. For what is written elsewhere, to refuse a run that has lost its lease without knowing. */
  readonly epoch: number;
  readonly arguments: Arguments;
  /** What was last stored; `undefined` at the first start. */
  readonly cursor: Cursor | undefined;
  /** Fires when the job is paused, cancelled or lost, or the process stops. Look at it several times a second: `signal.throwIfAborted()`. */
  readonly signal: AbortSignal;
  /**
   * Says how far it is and where to go on from. Costs next to nothing: the last report is stored three times a second. `done` counts what need
   * not be done again: a retryable fault fails the job once several attempts in a row have not got further than those before.
   */
  report(this: void, progress: JobProgress, cursor: Cursor): void;
  /** Waits until what was reported is stored. For work that goes beyond the cursor and must not be repeated. */
  saved(this: void): Promise<void>;
  /** Adds a line to the job's log. */
  log(this: void, text: string): void;
}

/**
 * A long operation as a loop that can go on from its cursor. What is accumulated in the cursor takes effect once; what happens outside may be
 * repeated from the last stored cursor. Arguments, cursor and result are JSON: give them as `type`, not as `interface`.
 */
export interface JobDefinition<
  Arguments extends JsonObject = JsonObject,
  Cursor extends JsonObject = JsonObject,
  Result extends JsonValue = JsonValue,
> {
  /** As on the command line: `events verify`. */
  readonly verb: string;
  /** Returns when the work is done. When the signal fires it throws. A retryable fault is tried again from the cursor, another fails the job. */
  run(context: JobContext<Arguments, Cursor>): Promise<Result>;
  /** What the audit log keeps of a result, for ever: no rows, no personal data. Default: nothing. */
  summary?(result: Result): JsonValue;
}

/** What is told of a job while it runs. */
export interface JobStatus {
  readonly id: string;
  readonly verb: string;
  readonly progress?: JobProgress;
  /** Units a second. */
  readonly rate?: number;
  /** Seconds until it is done at this rate. */
  readonly etaSeconds?: number;
}
