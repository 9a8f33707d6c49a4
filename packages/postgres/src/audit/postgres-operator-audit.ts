import {
  type ActionFilter,
  type ActionOutcome,
  type JsonObject,
  type JsonValue,
  KirokuError,
  type OperatorAction,
  type OperatorAudit,
  type RecordedAction,
} from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';

interface ActionRow {
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

/** The operator audit log in command_db. The pool is the caller's to end. */
export class PostgresOperatorAudit implements OperatorAudit {
  readonly #pool: Pool;

  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async begin(action: OperatorAction): Promise<void> {
    const { id, operator, verb, reason, before, correlationId, source } = action;
    await rowsOf(this.#pool, 'audit/begin_action', [
      id,
      operator,
      verb,
      JSON.stringify(action.arguments),
      reason,
      json(before),
      correlationId,
      source,
    ]);
  }

  async end(id: string, outcome: ActionOutcome): Promise<void> {
    const [after, error] = outcome.succeeded ? [json(outcome.after), undefined] : [undefined, outcome.error.replaceAll('\0', '\u2400')];
    const ended = await rowsOf(this.#pool, 'audit/end_action', [id, outcome.succeeded, after, error]);
    if (ended.length === 0)
      throw new KirokuError('NotFound', `No action ${id} is under way, so its end cannot be recorded.`, { details: { id } });
  }

  async actions({ operator, verb, since, limit }: ActionFilter): Promise<readonly RecordedAction[]> {
    const rows = await rowsOf<ActionRow>(this.#pool, 'audit/list_actions', [operator, verb, since, limit]);
    return rows.map(toAction);
  }
}

function toAction(row: ActionRow): RecordedAction {
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

function json(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
