import { partitionOf, type ReadModel, type Row, type RowChanges, type RowKey } from '@kiroku/core';
import { foldLog, MemoryFold } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { type AuditedRow, rowsAfter } from './audited-rows.ts';
import type { FoundKeys } from './verify-build.ts';

export interface FixRowsOptions {
  readonly stores: Pick<ProjectionStores, 'events' | 'builds'>;
  readonly model: ReadModel;
  readonly keys: FoundKeys;
  /** Where the partitions are: each is folded to there before it is locked. */
  readonly positions: readonly number[];
  readonly signal: AbortSignal;
}

export interface FixedRows {
  /** How many rows were changed. */
  readonly changed: number;
  /** What became of the first of them. */
  readonly rows: readonly AuditedRow[];
}

/** Refolds exactly these keys and writes their rows, a transaction for each partition. */
export async function fixRows({ stores, model, keys, positions, signal }: FixRowsOptions): Promise<FixedRows> {
  const { projection } = model;
  const parts = positions.map((_, partition) => ofPartition(keys, partition, positions.length));
  const folds = parts.map((part) => new MemoryFold({ projection, only: sets(part) }));
  const busy = folds.filter((_, partition) => hasKeys(parts[partition]));
  if (busy.length === 0) return { changed: 0, rows: [] };
  await foldLog({ eventStore: stores.events, folds: busy, until: Math.min(...positions), signal });
  let changed = 0;
  const written: RowChanges[] = [];
  for (const [partition, fold] of folds.entries()) {
    const part = parts[partition];
    if (part === undefined || !hasKeys(part)) continue;
    changed += await stores.builds.repair(model, partition, async (checkpoint) => {
      await foldLog({ eventStore: stores.events, folds: [fold], until: checkpoint, signal });
      const changes = changesOf(fold, part);
      written.push(...changes);
      return changes;
    });
  }
  return { changed, rows: rowsAfter(projection, written) };
}

function ofPartition(keys: FoundKeys, partition: number, partitions: number): FoundKeys {
  return Object.fromEntries(
    Object.entries(keys).map(([table, found]) => [
      table,
      new Map([...found].filter(([keyText]) => partitionOf(keyText, partitions) === partition)),
    ]),
  );
}

function sets(keys: FoundKeys): { readonly [table: string]: ReadonlySet<string> } {
  return Object.fromEntries(Object.entries(keys).map(([table, found]) => [table, new Set(found.keys())]));
}

function hasKeys(keys: FoundKeys | undefined): boolean {
  return Object.values(keys ?? {}).some(({ size }) => size > 0);
}

/** What becomes of the keys; of those that are parked, nothing. */
function changesOf(fold: MemoryFold, keys: FoundKeys): readonly RowChanges[] {
  return fold.tables.map(({ name, rows, parking }) => {
    const upserts: Row[] = [];
    const deletes: RowKey[] = [];
    for (const [keyText, key] of keys[name] ?? []) {
      const row = rows.get(keyText);
      if (parking.has(keyText)) continue;
      if (row === undefined) deletes.push(key);
      else upserts.push(row);
    }
    return { table: name, upserts, deletes };
  });
}
