import { KirokuError, type OwnedBuild, type PartitionCheckpoint, type Projection, type ReadModel, type VersionStatus } from '@kiroku/core';
import { touchedKeys } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { Building } from './building.ts';
import type { FoldBuildsOptions } from './fold-builds.ts';

export type KeysOfTables = { readonly [table: string]: Set<string> };

export interface RebuildPartlyOptions extends Pick<FoldBuildsOptions, 'signal' | 'throttle'> {
  readonly stores: Pick<ProjectionStores, 'events' | 'builds'>;
  /** The build in the making. */
  readonly model: OwnedBuild;
  /** What is read now. */
  readonly from: ReadModel;
  /** Keys to be folded anew, whatever else. */
  readonly keys: KeysOfTables;
  /** Besides, those that events from this position on touch. */
  readonly fromEventNumber?: number;
}

/**
 * Carries the rows of the active build over, but for the keys in question and those that have been touched since: these are left to be folded
 * from their whole history. From then on what is returned is kept, to go on from after a crash.
 */
export async function rebuildPartly(options: RebuildPartlyOptions): Promise<Building> {
  const { stores, model, from, keys, fromEventNumber, signal } = options;
  const { position: head } = await stores.events.head();
  const scanned = { after: fromEventNumber === undefined ? head : fromEventNumber - 1, until: head };
  await scan(options, scanned.after, scanned.until);
  let until = 0;
  await stores.builds.carryOver(model, from, async (checkpoints) => {
    const [slowest, furthest] = bounds(checkpoints);
    // partitions are at different positions, and have moved meanwhile: rows that lack events of others are folded anew, too
    if (slowest < scanned.after) await scan(options, slowest, Math.min(scanned.after, furthest));
    if (furthest > scanned.until) await scan(options, Math.max(scanned.until, slowest), furthest);
    until = furthest;
    return keys;
  });
  const building = Building.begin(stores.builds, model, { only: { keys, until } });
  await building.keep(signal);
  return building;
}

async function scan({ stores, model, keys, signal, throttle }: RebuildPartlyOptions, after: number, until: number): Promise<void> {
  let at = after;
  await touchedKeys({
    eventStore: stores.events,
    projection: model.projection,
    after,
    until,
    into: keys,
    signal,
    onPage: async (position) => {
      await throttle(position - at);
      at = position;
    },
  });
}

/** Throws `BadRequest` for a position that the log does not have. */
export function requirePosition(fromEventNumber: number, head: number): void {
  if (fromEventNumber >= 1 && fromEventNumber <= head) return;
  throw new KirokuError('BadRequest', `There is no event ${fromEventNumber}: the log has positions 1 to ${head}.`, {
    details: { fromEventNumber, head },
  });
}

/** What is read of a projection. Throws `BuildNotReady` if nothing is. */
export function activeBuild(versions: readonly VersionStatus[], { name, version }: Projection): number {
  const active = versions.find((each) => each.version === version)?.activeBuild;
  if (active !== undefined) return active;
  throw new KirokuError(
    'BuildNotReady',
    `Nothing is read of ${name} version ${version} yet, so there are no rows to carry over. Rebuild it as a whole.`,
  );
}

function bounds(checkpoints: readonly PartitionCheckpoint[]): readonly [slowest: number, furthest: number] {
  const positions = checkpoints.map(({ position }) => position);
  return [Math.min(...positions), Math.max(...positions)];
}
