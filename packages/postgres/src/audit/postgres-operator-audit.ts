import {
  type ActionFilter,
  type ActionOutcome,
  type JsonValue,
  KirokuError,
  type OperatorAction,
  type OperatorAudit,
  type RecordedAction,
} from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { type ActionRow, toAction } from './action-row.ts';

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

  async actions({ operator, verb, since, before, limit }: ActionFilter): Promise<readonly RecordedAction[]> {
    const rows = await rowsOf<ActionRow>(this.#pool, 'audit/list_actions', [operator, verb, since, limit, before?.at, before?.id]);
    return rows.map(toAction);
  }
}

function json(value: JsonValue | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
