import { type AppendResult, type CheckedAppend, type Idempotency, KirokuError, type StreamName } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { statement } from '../statement.ts';

interface CommandRow {
  readonly fingerprint: string;
  readonly result: Pick<AppendResult, 'position' | 'streams'>;
}

interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: string;
}

/** What an earlier append with this command id led to. Throws `IdReused` if that was another command. */
export async function findCommand(pool: Pick<Pool, 'query'>, { commandId, fingerprint }: Idempotency): Promise<AppendResult | undefined> {
  const found = await pool.query<CommandRow>({ ...statement('append/find_command'), values: [commandId] });
  const [row] = found.rows;
  if (row === undefined) return undefined;
  if (row.fingerprint !== fingerprint) throw reused(`Command id ${commandId} was used for another command.`);
  return { ...row.result, duplicate: true };
}

/** What an earlier append of the same events led to. Throws `IdReused` if their ids stand for anything else. */
export async function findRepeatedEvents(pool: Pick<Pool, 'query'>, { streams }: CheckedAppend): Promise<AppendResult> {
  const wanted = streams.flatMap(({ stream, events }) => events.map((event) => ({ ...event, stream })));
  const found = await pool.query<EventRow>({ ...statement('append/find_events_by_id'), values: [wanted.map(({ id }) => id)] });
  const stored = new Map(found.rows.map((row) => [row.id, row]));
  const same = wanted.every(({ id = '', stream, type, schemaVersion, data }) => {
    const row = stored.get(id);
    return row?.stream === stream && row.type === type && row.schema_version === schemaVersion && row.data === data;
  });
  if (!same) throw reused('An event id of the append is in the log with other content.');
  const position = Math.max(...found.rows.map((row) => row.position));
  const names = streams.map(({ stream }) => stream);
  const versions = await pool.query<{ stream: StreamName; version: number }>({
    ...statement('append/find_versions_at'),
    values: [names, position],
  });
  return { position, streams: versions.rows, duplicate: true };
}

function reused(what: string): KirokuError {
  return new KirokuError('IdReused', `${what} Doing it would do something else than what was asked first; use a new id.`);
}
