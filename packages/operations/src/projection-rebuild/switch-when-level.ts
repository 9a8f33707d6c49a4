import { setTimeout as delay } from 'node:timers/promises';
import { isKirokuError, KirokuError, type Projection, type ReadModelStore, type VersionStatus } from '@kiroku/core';
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
  /** Only wait. Default false. */
  readonly noSwitch?: boolean;
  /** Milliseconds of standing still after which it is given up. Default 60,000. */
  readonly patienceMs?: number;
  /** Told how far the build is, and how far it has to come. */
  readonly onMoved?: (position: number, goal: number) => void;
}

const lookEveryMs = 200;
/** Fewer events are caught up with while the active build stands still for the switch; SQL of its own may be slow. */
const nearlyLevel = { fold: 2_000, sql: 100 };

/**
 * Waits until a build has caught up with the one that is read, and makes it that. Throws `ParkedKeys`, `BuildOutdated`, and `NotCaughtUp` if it
 * does not move.
 */
export async function switchWhenLevel(options: SwitchWhenLevelOptions): Promise<void> {
  const { stores, projection, build, signal, noSwitch = false, patienceMs = 60_000, onMoved } = options;
  const { position: head } = await stores.events.head();
  let worker: ProjectionWorker | undefined;
  let [last, movedAt] = [-1, performance.now()];
  try {
    for (;;) {
      signal.throwIfAborted();
      const status = (await stores.builds.versions(projection.name)).find(({ version }) => version === projection.version);
      const { position, goal } = distance(status, build, head);
      // at first nothing is read: then all that was there when the waiting began
      const enough = status?.activeBuild === undefined ? goal : goal - nearlyLevel[projection.kind];
      if (position !== last) {
        [last, movedAt] = [position, performance.now()];
        onMoved?.(position, Math.max(position, goal));
      }
      if (position >= enough && noSwitch) return;
      if (position >= enough && (await trySwitch(options))) {
        onMoved?.(goal, goal); // or further
        return;
      }
      if (performance.now() - movedAt > patienceMs) throw stuck(options, position, goal);
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

async function trySwitch({ stores, projection, build }: SwitchWhenLevelOptions): Promise<boolean> {
  try {
    await stores.builds.switchTo({ projection, build }, { forward: true });
    return true;
  } catch (error) {
    if (isKirokuError(error, 'NotCaughtUp')) return false;
    throw error;
  }
}

function stuck({ projection: { name, version }, build }: SwitchWhenLevelOptions, position: number, ahead: number): KirokuError {
  return new KirokuError(
    'NotCaughtUp',
    `Build ${build} of ${name} version ${version} stands still at position ${position}, before ${ahead}, so it is not switched to. \`kiroku projection show ${name}\` says who should follow it, and why it does not move.`,
    { details: { projection: name, version, build, position, ahead } },
  );
}

function followerOf({ stores, readModels, projection, instance }: SwitchWhenLevelOptions): ProjectionWorker {
  const prepare = () => Promise.resolve(); // the build is registered already
  return new ProjectionWorker({ eventStore: stores.events, readModels, projections: [projection], instance, prepare });
}

/** What is read is the goal; if nothing is yet, where the log was when the waiting began. */
function distance(status: VersionStatus | undefined, build: number, head: number): { readonly position: number; readonly goal: number } {
  const positions = (which: number | undefined) =>
    status?.builds.find((each) => each.build === which)?.partitions.map(({ position }) => position) ?? [];
  const goal = status?.activeBuild === undefined ? head : Math.max(0, ...positions(status.activeBuild));
  return { position: Math.min(...positions(build)), goal };
}
