import { setTimeout as delay } from 'node:timers/promises';
import { isKirokuError, type Projection, type ReadModelStore, type VersionStatus } from '@kiroku/core';
import { ProjectionWorker } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';

export interface SwitchWhenLevelOptions {
  readonly stores: Pick<ProjectionStores, 'builds' | 'events'>;
  readonly readModels: ReadModelStore;
  readonly projection: Projection;
  readonly build: number;
  /** Names this process, should it have to follow the log itself because nobody else does. */
  readonly instance: string;
  readonly signal: AbortSignal;
}

const lookEveryMs = 200;
/** Fewer events are caught up with while the active build stands still for the switch. */
const nearlyLevel = 2_000;
/** Not moving for so long, it is given up. */
const patienceMs = 60_000;

/** Waits until a build has caught up with the one that is read, and makes it that. Throws `ParkedKeys`, and `NotCaughtUp` if it does not move. */
export async function switchWhenLevel(options: SwitchWhenLevelOptions): Promise<void> {
  const { stores, projection, build, signal } = options;
  let worker: ProjectionWorker | undefined;
  let [last, movedAt] = [-1, performance.now()];
  try {
    for (;;) {
      signal.throwIfAborted();
      const status = (await stores.builds.versions(projection.name)).find(({ version }) => version === projection.version);
      const { position, ahead } = distance(status, build);
      if (position !== last) [last, movedAt] = [position, performance.now()];
      if (ahead - position <= nearlyLevel && (await trySwitch(options, performance.now() - movedAt > patienceMs))) return;
      if (worker === undefined && status?.instances.length === 0) {
        worker = followerOf(options);
        await worker.start();
      }
      await delay(lookEveryMs, undefined, { signal }).catch(() => undefined); // looked at above
    }
  } finally {
    await worker?.stop();
  }
}

async function trySwitch({ stores, projection, build }: SwitchWhenLevelOptions, last: boolean): Promise<boolean> {
  try {
    await stores.builds.switchTo({ projection, build });
    return true;
  } catch (error) {
    if (!last && isKirokuError(error, 'NotCaughtUp')) return false;
    throw error;
  }
}

function followerOf({ stores, readModels, projection, instance }: SwitchWhenLevelOptions): ProjectionWorker {
  const prepare = () => Promise.resolve(); // the build is registered already
  return new ProjectionWorker({ eventStore: stores.events, readModels, projections: [projection], instance, prepare });
}

function distance(status: VersionStatus | undefined, build: number): { readonly position: number; readonly ahead: number } {
  const positions = (which: number | undefined) =>
    status?.builds.find((each) => each.build === which)?.partitions.map(({ position }) => position) ?? [];
  return { position: Math.min(...positions(build)), ahead: Math.max(0, ...positions(status?.activeBuild)) };
}
