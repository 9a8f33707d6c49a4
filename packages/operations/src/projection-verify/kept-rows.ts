import type { ReadModel, ReadModelBuilds } from '@kiroku/core';
import { type MemoryFold, progressLines, readProgress } from '@kiroku/engine';

/** With more, everything is folded anew. */
const mostParked = 10_000;

interface KeptRows {
  readonly model: ReadModel;
  readonly fold: MemoryFold;
  /** Where the partitions were. */
  readonly positions: readonly number[];
}

/** Keeps what the log amounts to, for the next verification to go on from. */
export function keepVerified(builds: ReadModelBuilds, { model, fold, positions }: KeptRows): Promise<void> {
  return builds.keepVerified(model, linesOf(fold, positions));
}

/** What was kept the last time; `undefined` if nothing was, or if a key that was parked then is not any more: it was folded by other code, or left out. */
export async function readVerified(builds: ReadModelBuilds, model: ReadModel): Promise<MemoryFold | undefined> {
  const lines = builds.readVerified(model)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) return undefined;
  const positions = JSON.parse(first.value) as readonly number[]; // written below
  const kept = await readProgress(model.projection, { [Symbol.asyncIterator]: () => lines });
  if (kept === undefined || (await isFreed(builds, model, kept.fold))) return undefined;
  kept.fold.goOnFrom(positions);
  return kept.fold;
}

async function isFreed(builds: ReadModelBuilds, { projection: { name, version }, build }: ReadModel, fold: MemoryFold): Promise<boolean> {
  if (fold.tables.every(({ parking }) => parking.size === 0)) return false;
  const keys = await builds.parkedKeys({ projection: name, version, build, limit: mostParked });
  const parked = new Set(keys.map(({ table, keyText }) => `${table} ${keyText}`));
  return fold.tables.some(({ name: table, parking }) => [...parking.keys()].some((keyText) => !parked.has(`${table} ${keyText}`)));
}

async function* linesOf(fold: MemoryFold, positions: readonly number[]): AsyncGenerator<string> {
  yield JSON.stringify(positions);
  yield* progressLines({ fold, pending: [], parked: [], sums: {} });
}
