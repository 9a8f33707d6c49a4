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
}

const lookEveryMs = 200;
/** Fewer events are caught up with while the active build stands still for the switch. */
const nearlyLevel = 2_000;
/** Not moving for so long, it is given up. */
const patienceMs = 60_000;

/** Waits until a build has caught up with the one that is read, and makes it that. Throws `ParkedKeys`, and `NotCaughtUp` if it does not move. */
export async function switchWhenLevel(options: SwitchWhenLevelOptions): Promise<void> {
  const { stores, projection, build, signal } = options;
  const { position: head } = await stores.events.head();
  let worker: ProjectionWorker | undefined;
  let [last, movedAt] = [-1, performance.now()];
  try {
    for (;;) {
      signal.throwIfAborted();
      const status = (await stores.builds.versions(projection.name)).find(({ version }) => version === projection.version);
      const { position, ahead } = distance(status, build, head);
      if (position !== last) [last, movedAt] = [position, performance.now()];
      if (position >= ahead && (await trySwitch(options))) return;
      if (performance.now() - movedAt > patienceMs) throw stuck(options, position, ahead);
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
    await stores.builds.switchTo({ projection, build });
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
function distance(status: VersionStatus | undefined, build: number, head: number): { readonly position: number; readonly ahead: number } {
  const positions = (which: number | undefined) =>
    status?.builds.find((each) => each.build === which)?.partitions.map(({ position }) => position) ?? [];
  const ahead = status?.activeBuild === undefined ? head : Math.max(0, ...positions(status.activeBuild)) - nearlyLevel;
  return { position: Math.min(...positions(build)), ahead };
}
