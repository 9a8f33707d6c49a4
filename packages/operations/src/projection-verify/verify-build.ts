import type { ParkedEvent, ReadModel, RowKey, RowsAtCheckpoint } from '@kiroku/core';
import { foldLog, MemoryFold, RowComparison, type RowFinding, type Share, wholeShare } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import type { Throttle } from '../projection-rebuild/throttle.ts';
import { keepVerified, readVerified } from './kept-rows.ts';

export interface VerifyBuildOptions {
  readonly stores: Pick<ProjectionStores, 'events' | 'builds'>;
  readonly model: ReadModel;
  /** What the process may grow by: more rows take more passes over the log. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Go on from what was found right the last time, and keep what is right now. Default false: from the beginning of the log. */
  readonly incremental?: boolean;
  readonly onFinding: (finding: RowFinding) => void;
  /** Told of each key that is not parked, and that this code cannot fold: of the event that it fails on. */
  readonly onUnfoldable?: (event: ParkedEvent) => void;
  /** Told after each page: how many events were looked at, and how many are left in all passes. */
  readonly onRead?: (events: number, left: number) => void;
}

export interface VerifiedBuild {
  /** Rows compared. */
  readonly compared: number;
  /** Keys that are parked: their rows are not judged. */
  readonly parked: readonly { readonly table: string; readonly keyText: string }[];
  /** Where the partitions were, as of the last pass. */
  readonly positions: readonly number[];
}

/** Compares the rows of a build with what the log amounts to at exactly its checkpoints, while it is in use. */
export async function verifyBuild(options: VerifyBuildOptions): Promise<VerifiedBuild> {
  const pending: Share[] = [wholeShare];
  const parked: { readonly table: string; readonly keyText: string }[] = [];
  let [compared, positions]: [number, readonly number[]] = [0, []];
  for (let share = pending.pop(); share !== undefined; share = pending.pop()) {
    const pass = await verifyShare(options, share, pending);
    compared += pass.compared;
    parked.push(...pass.parked);
    positions = pass.positions;
  }
  return { compared, parked, positions };
}

async function verifyShare(options: VerifyBuildOptions, share: Share, pending: Share[]): Promise<VerifiedBuild> {
  const { stores, model, incremental = false } = options;
  const kept = incremental && share.of === 1 ? await readVerified(stores.builds, model) : undefined;
  const fold = kept ?? new MemoryFold({ projection: model.projection, share });
  const checkpoints = (await stores.builds.versions(model.projection.name))
    .find(({ version }) => version === model.projection.version)
    ?.builds.find(({ build }) => build === model.build)?.partitions;
  // most of the log before the snapshot, which the database should not have to keep for long
  await foldTo(options, fold, pending, Math.min(...(checkpoints ?? []).map(({ position }) => position)));
  const verified = await stores.builds.readRows(model, async (snapshot) => {
    const positions = snapshot.checkpoints.map(({ position }) => position);
    fold.limitTo(positions);
    await foldTo(options, fold, pending, Math.max(...positions));
    return { ...(await compare(options, fold, snapshot)), positions };
  });
  // rows that take several passes are not kept: they would not fit into memory the next time either
  if (incremental && fold.share.of === 1) await keepVerified(stores.builds, { model, fold, positions: verified.positions });
  return verified;
}

async function foldTo(options: VerifyBuildOptions, fold: MemoryFold, pending: Share[], until: number): Promise<void> {
  const { stores, memoryBytes, signal, throttle, onRead } = options;
  let at = fold.position;
  await foldLog({
    eventStore: stores.events,
    folds: [fold],
    until,
    memoryBytes,
    signal,
    onGivenUp: (_, share) => pending.push(share),
    onPage: async (position) => {
      onRead?.(position - at, until - position + pending.length * until);
      await throttle(position - at);
      at = position;
    },
  });
}

async function compare(
  { onFinding, onUnfoldable, signal }: VerifyBuildOptions,
  fold: MemoryFold,
  snapshot: RowsAtCheckpoint,
): Promise<Omit<VerifiedBuild, 'positions'>> {
  let compared = 0;
  const parked: { readonly table: string; readonly keyText: string }[] = [];
  for (const folded of fold.tables) {
    const { name, table, rows, parking } = folded;
    const there = snapshot.parked[name] ?? new Set();
    const isParked = (keyText: string) => there.has(keyText) || parking.has(keyText);
    const comparison = new RowComparison(name, table, rows, (keyText) => !folded.isInShare(keyText) || isParked(keyText));
    for await (const page of snapshot.rows(name)) {
      signal.throwIfAborted();
      for (const finding of comparison.compare(page)) onFinding(finding);
    }
    for (const finding of comparison.missing()) onFinding(finding);
    compared += comparison.compared;
    for (const keyText of there) if (folded.isInShare(keyText)) parked.push({ table: name, keyText });
    for (const event of parking.events()) if (event.fault !== undefined && !there.has(event.keyText)) onUnfoldable?.(event);
  }
  return { compared, parked };
}

/** Found keys by table and `rowKeyText`. */
export type FoundKeys = { readonly [table: string]: Map<string, RowKey> };

export function noKeys(model: ReadModel): FoundKeys {
  return Object.fromEntries(Object.keys(model.projection.tables).map((name) => [name, new Map<string, RowKey>()]));
}
