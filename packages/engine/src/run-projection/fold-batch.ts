import {
  isKirokuError,
  KirokuError,
  type ParkedEvent,
  type ParkingFault,
  type Projection,
  type ProjectionBatch,
  partitionOf,
  type RecordedEvent,
  type Row,
  type RowChanges,
  type RowKey,
  rowKeyText,
  type StoredRows,
  type Table,
} from '@kiroku/core';
import { type CheckRow, checkRowOf } from '../rebuild-projection/check-row.ts';
import { parkingFault } from '../rebuild-projection/parking.ts';
import { distinctKeys } from './check-keys.ts';

/** A row that the database refused; the batch has one event that changes it. */
export interface RefusedRow {
  readonly table: string;
  readonly keyText: string;
  readonly fault: ParkingFault;
}

export interface FoldBatchOptions {
  /** Only the rows of this partition. Default: 0 of 1, all of them. */
  readonly partition?: number;
  readonly partitions?: number;
  /** Rows whose event is parked. Default: none. */
  readonly refused?: readonly RefusedRow[];
}

/** Turns a batch of events, brought to their present version, into the rows it touches and a fold over them. */
export type FoldBatch = (events: readonly RecordedEvent[], options?: FoldBatchOptions) => Pick<ProjectionBatch, 'touched' | 'fold'>;

/**
 * Folds batches of a projection. Equal in effect to folding the events one at a time: the first event of a key that its fold fails on, or
 * whose row the table cannot hold, parks the key, and later events of the key wait behind it. The fold may be called again after a fault.
 */
export function batchFold(projection: Projection): FoldBatch {
  const tables = Object.entries(projection.tables).map(([name, table]): FoldedTable => {
    const title = `${projection.name}.${name}`;
    return { name, title, table, check: checkRowOf(title, table) };
  });
  return (events, { partition = 0, partitions = 1, refused = [] } = {}) => {
    const isMine = (keyText: string): boolean => partitions === 1 || partitionOf(keyText, partitions) === partition;
    const plans = tables.map((table) => planTable(table, events, isMine));
    return {
      touched: Object.fromEntries(plans.filter(({ keys }) => keys.size > 0).map(({ of, keys }) => [of.name, [...keys.values()]])),
      fold: (stored) => {
        const folded = plans.map((plan) => foldTable(plan, stored, refused));
        return {
          changes: folded.map(({ changes }) => changes).filter(({ upserts, deletes }) => upserts.length + deletes.length > 0),
          parks: folded.flatMap(({ parks }) => parks),
        };
      },
    };
  };
}

/** The events of a projection's interest, in their present version. Throws `UnknownEvent`. */
export function presentEvents(projection: Projection, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const types = new Set(projection.eventTypes);
  return events.filter(({ type }) => types.has(type)).map((event) => projection.upcast(event));
}

interface FoldedTable {
  readonly name: string;
  /** `projection.table`, for messages. */
  readonly title: string;
  readonly table: Table;
  readonly check: CheckRow;
}

interface TablePlan {
  readonly of: FoldedTable;
  /** By `rowKeyText`. */
  readonly keys: ReadonlyMap<string, RowKey>;
  readonly steps: readonly { readonly keyText: string; readonly key: RowKey; readonly event: RecordedEvent }[];
  /** Events whose keys could not be told. */
  readonly parks: readonly ParkedEvent[];
}

function planTable(of: FoldedTable, events: readonly RecordedEvent[], isMine: (keyText: string) => boolean): TablePlan {
  const { name, title, table } = of;
  const keys = new Map<string, RowKey>();
  const steps: TablePlan['steps'][number][] = [];
  const parks: ParkedEvent[] = [];
  for (const event of events) {
    try {
      for (const [keyText, key] of distinctKeys(title, table, table.keys(event))) {
        if (!isMine(keyText)) continue;
        if (!keys.has(keyText)) keys.set(keyText, key);
        steps.push({ keyText, key, event });
      }
    } catch (error) {
      const keyText = `#${event.position}`;
      const fault = parkingFault(error);
      if (isMine(keyText)) parks.push({ table: name, keyText, position: event.position, eventType: event.type, fault });
    }
  }
  return { of, keys, steps, parks };
}

function foldTable(
  { of, keys, steps, parks: keyless }: TablePlan,
  stored: StoredRows,
  refused: readonly RefusedRow[],
): { readonly changes: RowChanges; readonly parks: readonly ParkedEvent[] } {
  const { name } = of;
  const before = stored.rows[name];
  const after = new Map<string, Row | undefined>();
  const parks = [...keyless];
  const parked = new Set(stored.parked[name]);
  for (const { keyText, key, event } of steps) {
    const waits = { table: name, keyText, key, position: event.position, eventType: event.type };
    if (parked.has(keyText)) {
      parks.push(waits);
      continue;
    }
    const row = after.has(keyText) ? after.get(keyText) : before?.get(keyText);
    try {
      const fault = refused.find((each) => each.table === name && each.keyText === keyText)?.fault;
      if (fault !== undefined) parks.push({ ...waits, fault });
      else after.set(keyText, foldRow(of, row, event, { keyText, key }));
      if (fault !== undefined) parked.add(keyText);
    } catch (error) {
      parks.push({ ...waits, fault: parkingFault(error) });
      parked.add(keyText);
    }
  }
  return { changes: changesOf(name, { before, after, keys }), parks };
}

/** One step. Throws what the fold throws, `RowInvalid`, and `DefinitionInvalid` for a row that is moved to another key. */
export function foldRow(
  { title, table, check }: Omit<FoldedTable, 'name'>,
  row: Row | undefined,
  event: RecordedEvent,
  { keyText, key }: { readonly keyText: string; readonly key: RowKey },
): Row | undefined {
  const next = table.fold(row, event, key);
  if (next === undefined || next === row) return next;
  check(next, row);
  if (!hasKey(table, next, key) && rowKeyText(table, next) !== keyText) throw movedKey(title, event, keyText);
  return next;
}

function hasKey(table: Table, row: Row, key: RowKey): boolean {
  for (const column of table.key) if (row[column] !== key[column]) return false;
  return true;
}

function changesOf(
  table: string,
  {
    before,
    after,
    keys,
  }: {
    readonly before: ReadonlyMap<string, Row> | undefined;
    readonly after: ReadonlyMap<string, Row | undefined>;
    readonly keys: ReadonlyMap<string, RowKey>;
  },
): RowChanges {
  const upserts: Row[] = [];
  const deletes: RowKey[] = [];
  for (const [keyText, row] of after) {
    if (row === before?.get(keyText)) continue;
    if (row !== undefined) upserts.push(row);
    else deletes.push(keys.get(keyText) ?? {}); // the plan made a key for each step
  }
  return { table, upserts, deletes };
}

function movedKey(title: string, event: RecordedEvent, keyText: string): KirokuError {
  return new KirokuError(
    'DefinitionInvalid',
    `${title} was asked for row ${keyText} of event ${event.position} (${event.type}) and returned a row with another key. Return a row with the key it got.`,
  );
}

/** The row that the database refused; `undefined` for any other error. */
export function refusedRow(error: unknown): RefusedRow | undefined {
  if (!isKirokuError(error, 'RowInvalid')) return undefined;
  const { table, keyText } = error.details;
  return typeof table === 'string' && typeof keyText === 'string' ? { table, keyText, fault: parkingFault(error) } : undefined;
}
