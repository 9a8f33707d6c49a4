import { type EventStore, isKirokuError, KirokuError, type LogHistory, type Projection } from '@kiroku/core';
import { positionOf } from '@kiroku/engine';
import type { BuiltMoment, PostgresMoments } from '@kiroku/postgres';
import { sql } from 'kysely';
import { askedPosition } from './asked-position.ts';
import { once, type QueryDatabase } from './query-database.ts';
import type { ReadStatement } from './read-statement.ts';
import { type ReadTables, tablesIn } from './read-tables.ts';
import type { Answered } from './snapshots.ts';

export interface MomentSources {
  readonly db: QueryDatabase;
  readonly log: Pick<EventStore, 'head' | 'positionAt' | 'readLog'> & { history(): Promise<LogHistory> };
  readonly moments: Pick<PostgresMoments, 'findBuilt'>;
}

/** The name of a moment, a position, or a time (ISO 8601): what was true when the last event recorded by then had happened. */
export type AsOf = string | number;

/**
 * Reads rows as of a moment, for which `kiroku replay` has built them. Throws `MomentNotBuilt`, and `BadRequest` for a time before the first
 * event or yet to come, or a position that the log has not.
 */
export async function readMoment<P, R>(
  { db, log, moments }: MomentSources,
  { reads, asOf }: { readonly reads: readonly Projection[]; readonly asOf: AsOf },
  { statement, params }: { readonly statement: ReadStatement<P, R>; readonly params: P },
): Promise<Answered<R>> {
  const which = await namedMoment(log, asOf);
  const { log: identity } = await log.head();
  const find = () => moments.findBuilt(identity, which, reads);
  const built = await find();
  if (built === undefined) throw notBuilt(which, reads);
  const tables = tablesOf(reads, built);
  const rows = await db.rows(once(sql`select rows.* from ${statement.write(tables, params)} as rows`), params).catch((error: unknown) => {
    throw isKirokuError(error, 'SchemaTooOld') ? notBuilt(which, reads) : error; // its tables were dropped meanwhile
  });
  // tables that were dropped and made anew meanwhile may have been read empty
  if (JSON.stringify(await find()) !== JSON.stringify(built)) throw notBuilt(which, reads);
  return { position: built.position, result: statement.result(rows, params) };
}

type Which = { readonly name: string } | { readonly position: number };

async function namedMoment(log: MomentSources['log'], asOf: AsOf): Promise<Which> {
  if (typeof asOf === 'number' || /^(\d+:)?\d{1,16}$/.test(asOf)) return { position: await positionOf(log, await placeOf(log, asOf)) };
  if (asOf === 'live') throw new KirokuError('BadRequest', 'asOf "live" is what a query reads without asOf: leave it out.');
  if (/^[a-z][a-z0-9_]*$/.test(asOf)) return { name: asOf };
  return { position: await positionOf(log, asOf) };
}

/** A number alone is a place in the log as it is; a token of a later timeline must be of its history. */
async function placeOf(log: MomentSources['log'], asOf: AsOf): Promise<number> {
  return String(asOf).includes(':') ? askedPosition(asOf, await log.history(), 'asOf') : Number(asOf);
}

function tablesOf(reads: readonly Projection[], built: BuiltMoment): ReadTables {
  const schemas = new Map(reads.map((projection, index) => [projection.name, built.schemas[index]]));
  return tablesIn(({ name }) => schemas.get(name));
}

function notBuilt(which: Which, reads: readonly Projection[]): KirokuError {
  const names = reads.map(({ name }) => name).join(' ');
  const moment = 'name' in which ? `the moment "${which.name}"` : `position ${which.position}`;
  const command = `kiroku replay ${choiceOf(which)} ${names}`;
  return new KirokuError(
    'MomentNotBuilt',
    `What this query reads (${names}) is not built as of ${moment}. \`${command}\` builds it; \`kiroku replay list\` shows what there is.`,
    { details: { ...which, command } },
  );
}

function choiceOf(which: Which): string {
  if ('position' in which) return `--until ${which.position}`;
  const own = /^at_(\d+)$/.exec(which.name); // what a moment is called that is given no name
  return own === null ? `--until <position or time> --into ${which.name}` : `--until ${own[1]}`;
}
