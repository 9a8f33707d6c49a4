import {
  type AuditedCommand,
  type AuditFilter,
  commandOutcomes,
  isKirokuError,
  KirokuError,
  type RecordedAction,
  type UnrecordedOutcome,
  unrecordedOutcomes,
} from '@kiroku/core';
import { type AuditCursor, decodeCursor, encodeCursor, type TrailName } from './audit-cursor.ts';
import type { AuditTrails } from './audit-stores.ts';
import { TrailReader } from './trail-reader.ts';

/** How an operator's change can have ended; `open`: it is under way, or its process was killed. */
export const actionOutcomes = ['done', 'failed', 'open'] as const;
/** Every outcome that can be asked for. */
export const auditOutcomes = [...commandOutcomes, ...actionOutcomes] as const;

export type AuditEntry = ({ readonly kind: 'command' } & AuditedCommand) | ({ readonly kind: 'operator' } & RecordedAction);

export interface AuditQuery extends AuditFilter {
  /** Default: both. */
  readonly kind?: 'command' | 'operator' | undefined;
  readonly limit: number;
  /** Of a listing before: go on after it. */
  readonly cursor?: string | undefined;
  /** Events and entries to look through at most; a few more may be. Default 200,000. */
  readonly lookAtMost?: number;
}

/** What was found, latest first, and how far it was looked for. */
export interface AuditListing {
  readonly entries: readonly AuditEntry[];
  /** Not before this time. */
  readonly since?: string;
  /** Events and entries that were looked through. */
  readonly looked: number;
  /** There may be more before: since this time all has been looked through. */
  readonly reached?: string;
  /** Goes on where this ended. Absent: there is nothing more. */
  readonly cursor?: string;
  /** Trails that could not be read, so that entries may lack. Absent: none. */
  readonly missing?: readonly MissingTrail[];
}

export interface MissingTrail {
  /** `accepted`: commands that left events, in the log. `unrecorded`: other commands; `actions`: what operators changed; both in command_db. */
  readonly trail: TrailName;
  readonly reason: string;
}

const defaultSinceMs = 86_400_000;

/**
 * Commands and operators' changes, latest first, each trail in its own order. If commands are among them and nobody says since when, since 24 hours
 * ago: a log may be long. A trail whose database is away is told to be missing; if all that are asked for are, its fault is thrown. Throws
 * `BadRequest` for a cursor or outcome that is none.
 */
export async function listAudit(
  trails: AuditTrails,
  { kind, limit, cursor, lookAtMost = 200_000, ...filter }: AuditQuery,
  now: () => number = Date.now,
): Promise<AuditListing> {
  const names = trailsFor(filter, kind);
  const from: AuditCursor = cursor === undefined ? { places: {} } : decodeCursor(cursor);
  const since = filter.since ?? from.since ?? (names.some(isOfCommands) ? new Date(now() - defaultSinceMs).toISOString() : undefined);
  const wanted = { ...filter, ...(since !== undefined && { since }) };
  const readers = names.map((name) => ({ name, reader: readerOf(trails, name, wanted, from.places[name]) }));
  const entries: AuditEntry[] = [];
  const missing = new Map<NamedReader, KirokuError>();
  const present = () => readers.filter((each) => !missing.has(each));
  const looked = () => readers.reduce((sum, { reader }) => sum + reader.looked, 0);
  await Promise.all(readers.map((each) => readOn(each, missing))); // at once: each may wait for a database that does not answer
  let next = latest(present());
  for (; next !== undefined && entries.length < limit; next = latest(present())) {
    const entry = next.reader.take();
    if (entry !== undefined) entries.push(entry);
    else if (looked() < lookAtMost || !next.reader.begun)
      await readOn(next, missing); // a page of each at least: it must get on
    else break;
  }
  const [fault] = missing.values();
  if (fault !== undefined && present().length === 0 && entries.length === 0) throw fault;
  const places = Object.fromEntries(readers.map(({ name, reader }) => [name, reader.place]));
  return {
    entries,
    looked: looked(),
    ...(since !== undefined && { since }),
    ...(next !== undefined && { cursor: encodeCursor({ places, ...(since !== undefined && { since }) }), ...reachedOf(next.reader.top) }),
    ...(missing.size > 0 && { missing: [...missing].map(([{ name }, { message }]) => ({ trail: name, reason: message })) }),
  };
}

interface NamedReader {
  readonly name: TrailName;
  readonly reader: TrailReader<AuditEntry>;
}

/** Reads a page; notes the reader as missing if its database is away, or is not known here. */
async function readOn(named: NamedReader, missing: Map<NamedReader, KirokuError>): Promise<void> {
  try {
    await named.reader.readOn();
  } catch (error) {
    if (!isKirokuError(error, 'DatabaseUnavailable') && !isKirokuError(error, 'NotFound')) throw error;
    missing.set(named, error);
  }
}

/** The reader whose next entry may be the latest of all. */
function latest(readers: readonly NamedReader[]): NamedReader | undefined {
  let found: NamedReader | undefined;
  for (const each of readers) {
    const { top } = each.reader;
    if (top !== undefined && (found?.reader.top === undefined || top > found.reader.top)) found = each;
  }
  return found;
}

function reachedOf(top: string | undefined): { readonly reached?: string } {
  return top === undefined || Number.isNaN(Date.parse(top)) ? {} : { reached: top };
}

function readerOf(trails: AuditTrails, name: TrailName, filter: AuditFilter, before: number | undefined): TrailReader<AuditEntry> {
  const page = async (wanted: AuditFilter, place?: number) => {
    const found = await trails[name].page(wanted, place);
    const entries = found.entries.map(({ entry, ...at }) => ({ ...at, entry: toEntry(entry) }));
    return { ...found, entries };
  };
  return new TrailReader({ page }, filter, before);
}

function toEntry(entry: AuditedCommand | RecordedAction): AuditEntry {
  return 'operator' in entry ? { kind: 'operator', ...entry } : { kind: 'command', ...entry };
}

/** The trails in which there can be what is asked for. */
function trailsFor({ outcome, type, stream, verb }: AuditFilter, kind: AuditQuery['kind']): readonly TrailName[] {
  if (outcome !== undefined && !auditOutcomes.some((known) => known === outcome))
    throw new KirokuError('BadRequest', `"${outcome}" is no outcome. There are ${auditOutcomes.join(', ')}.`);
  const ofOutcome = outcome === undefined ? undefined : trailOf(outcome);
  const ofCommands = kind !== 'operator' && verb === undefined;
  const ofOperators = kind !== 'command' && type === undefined && stream === undefined;
  const names: readonly TrailName[] = ['actions', 'unrecorded', 'accepted'];
  return names.filter((name) => (isOfCommands(name) ? ofCommands : ofOperators) && (ofOutcome === undefined || ofOutcome === name));
}

function trailOf(outcome: string): TrailName {
  if (outcome === 'accepted') return 'accepted';
  return unrecordedOutcomes.includes(outcome as UnrecordedOutcome) ? 'unrecorded' : 'actions';
}

function isOfCommands(name: TrailName): boolean {
  return name !== 'actions';
}
