import type { AuditedCommand, AuditedOutcome, AuditFilter, CommandAudit, TrailPage, UnrecordedCommand } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { storableText } from '../read-models/storable-text.ts';
import { rowsOf } from '../rows-of.ts';
import { mostEntries, trailPage } from './trail-page.ts';

interface CommandRow {
  readonly sequence: number;
  readonly recorded_at: string;
  readonly received_at: string;
  readonly duration_us: number;
  readonly outcome: AuditedOutcome;
  readonly code: string | null;
  readonly command_id: string | null;
  readonly type: string | null;
  readonly stream: string | null;
  readonly actor: string | null;
  readonly role: string | null;
  readonly source_address: string | null;
  readonly correlation_id: string | null;
  readonly instance: string | null;
  readonly lost: number | null;
}

/** Characters of a text that are kept. */
const longest = 250;

/** The audit of commands that left no event, in command_db. The pool is the caller's to end. */
export class PostgresCommandAudit implements CommandAudit {
  readonly #pool: Pool;
  readonly #span: number;

  /** `span`: entries looked through at once, some 20 ms. In pages of 5,000, three questions each, a year of 700,000 took five times as long. */
  constructor({ pool, span = 50_000 }: { readonly pool: Pool; readonly span?: number }) {
    this.#pool = pool;
    this.#span = span;
  }

  async record(commands: readonly UnrecordedCommand[]): Promise<void> {
    await rowsOf(this.#pool, 'audit/record_commands', [JSON.stringify(commands.map(toColumns))]);
  }

  async page(filter: AuditFilter, before?: number): Promise<TrailPage<AuditedCommand>> {
    const { user, type, stream, correlationId, outcome, since, until } = filter;
    const [range] = await rowsOf<{ first: number | null; last: number | null }>(this.#pool, 'audit/range_of_commands', [since, until]);
    return trailPage({
      first: range?.first ?? 1,
      last: range?.first === null ? 0 : (range?.last ?? 0),
      before,
      span: this.#span,
      read: async (from, to) => {
        const values = [from, to, user, type, stream, correlationId, outcome, mostEntries];
        return (await rowsOf<CommandRow>(this.#pool, 'audit/page_commands', values)).map(toEntry);
      },
      timeAt: async (sequence) => {
        const [row] = await rowsOf<{ recorded_at: string }>(this.#pool, 'audit/find_command_time', [sequence]);
        return row?.recorded_at;
      },
    });
  }
}

function toColumns(command: UnrecordedCommand): object {
  const columns = {
    id: command.id,
    received_at: command.receivedAt,
    outcome: command.outcome,
    code: command.code,
    command_id: command.commandId,
    type: command.type,
    stream: command.stream,
    actor: command.user,
    role: command.role,
    source_address: command.sourceAddress,
    correlation_id: command.correlationId,
    instance: command.instance,
  };
  const texts = Object.entries(columns).map(([name, text]) => [
    name,
    text === undefined ? undefined : storableText(text.slice(0, longest)),
  ]);
  return { ...Object.fromEntries(texts), duration_us: Math.max(0, Math.round(command.durationMs * 1_000)), lost: command.lost };
}

function toEntry(row: CommandRow): TrailPage<AuditedCommand>['entries'][number] {
  const { sequence, recorded_at: at, code, command_id, type, stream, actor, role, source_address, correlation_id, instance, lost } = row;
  const entry: AuditedCommand = {
    at,
    sequence,
    receivedAt: row.received_at,
    durationMs: row.duration_us / 1_000,
    outcome: row.outcome,
    ...(code !== null && { code }),
    ...(command_id !== null && { commandId: command_id }),
    ...(type !== null && { type }),
    ...(stream !== null && { stream }),
    ...(actor !== null && { user: actor }),
    ...(role !== null && { role }),
    ...(source_address !== null && { sourceAddress: source_address }),
    ...(correlation_id !== null && { correlationId: correlation_id }),
    ...(instance !== null && { instance }),
    ...(lost !== null && { lost }),
  };
  return { place: sequence, at, entry };
}
