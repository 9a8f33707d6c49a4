import type { ActionOutcome, JsonObject, JsonValue, RecordedAction } from '@kiroku/core';

/** A row of kiroku.operator_audit. */
export interface ActionRow {
  readonly id: string;
  readonly at: string;
  readonly operator: string;
  readonly source: string | null;
  readonly verb: string;
  readonly arguments: JsonObject;
  readonly reason: string | null;
  readonly before: JsonValue;
  readonly correlation_id: string;
  readonly ended_at: string | null;
  readonly succeeded: boolean | null;
  readonly after: JsonValue;
  readonly error: string | null;
}

export function toAction(row: ActionRow): RecordedAction {
  const { id, at, operator, source, verb, reason, before, correlation_id, ended_at, succeeded, after, error } = row;
  const outcome: ActionOutcome =
    succeeded === true ? { succeeded, ...(after !== null && { after }) } : { succeeded: false, error: error ?? '' };
  return {
    id,
    at,
    operator,
    verb,
    arguments: row.arguments,
    correlationId: correlation_id,
    ...(source !== null && { source }),
    ...(reason !== null && { reason }),
    ...(before !== null && { before }),
    ...(ended_at !== null && { outcome: { ...outcome, at: ended_at } }),
  };
}
