import type { Job, JobOutcome, JobProgress, JobRequest, JobState, JsonObject, JsonValue } from '@kiroku/core';

/** A row of `kiroku.job_status`. */
export interface JobRow {
  readonly id: string;
  readonly verb: string;
  readonly arguments: JsonObject;
  readonly created_by: string;
  readonly reason: string | null;
  readonly requires: readonly string[];
  readonly state: JobState;
  readonly requested: JobRequest | null;
  readonly owner: string | null;
  readonly epoch: number;
  readonly abandoned: number;
  readonly leased_until: string | null;
  readonly progress: JobProgress | null;
  readonly cursor: JsonObject | null;
  readonly rate: number | null;
  readonly eta_seconds: number | null;
  readonly result: JsonValue;
  readonly error: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export function toJob(row: JobRow): Job {
  const { id, verb, state, epoch } = row;
  return {
    id,
    verb,
    arguments: row.arguments,
    state,
    epoch,
    createdBy: row.created_by,
    createdAt: row.created_at,
    ...present('reason', row.reason),
    ...(row.requires.length > 0 && { requires: row.requires }),
    ...present('requested', row.requested),
    ...present('owner', row.owner),
    ...(row.abandoned > 0 && { abandoned: row.abandoned }),
    ...(state === 'running' && present('leasedUntil', row.leased_until)),
    ...present('progress', row.progress),
    ...present('cursor', row.cursor),
    ...(state === 'running' && { ...present('rate', row.rate), ...present('etaSeconds', row.eta_seconds) }),
    ...(state === 'done' && { result: row.result }),
    ...present('error', row.error),
    ...present('startedAt', row.started_at),
    ...present('endedAt', row.ended_at),
  };
}

/** The values of settle_job after id and epoch. */
export function outcomeColumns(
  outcome: JobOutcome,
): readonly [state: JobState, result: string | null, error: string | null, summary: string | null] {
  switch (outcome.state) {
    case 'done':
      return ['done', JSON.stringify(outcome.result), null, outcome.summary === undefined ? null : JSON.stringify(outcome.summary)];
    case 'failed':
      return ['failed', null, storableText(outcome.error), null];
    case 'queued':
    case 'paused':
    case 'cancelled':
      return [outcome.state, null, null, null];
  }
}

/** PostgreSQL's text has no NUL. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\u2400');
}

function present<K extends string, T>(name: K, value: T | null): { readonly [key in K]?: T } {
  return value === null ? {} : ({ [name]: value } as { readonly [key in K]?: T }); // a computed key loses its type
}
