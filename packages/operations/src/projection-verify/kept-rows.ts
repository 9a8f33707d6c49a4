import type { ReadModel, ReadModelBuilds } from '@kiroku/core';
import { type MemoryFold, progressLines, readProgress } from '@kiroku/engine';

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

/** What was kept the last time; `undefined` if nothing was. */
export async function readVerified(builds: ReadModelBuilds, model: ReadModel): Promise<MemoryFold | undefined> {
  const lines = builds.readVerified(model)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) return undefined;
  const positions = JSON.parse(first.value) as readonly number[]; // written below
  const kept = await readProgress(model.projection, { [Symbol.asyncIterator]: () => lines });
  kept?.fold.goOnFrom(positions);
  return kept?.fold;
}

async function* linesOf(fold: MemoryFold, positions: readonly number[]): AsyncGenerator<string> {
  yield JSON.stringify(positions);
  yield* progressLines({ fold, pending: [], parked: [], sums: {} });
}
