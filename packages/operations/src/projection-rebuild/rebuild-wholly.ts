import type { LogPart, OwnedBuild } from '@kiroku/core';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { Building, type LoadedBuild } from './building.ts';
import { completeBuild, rowsLoaded } from './complete-build.ts';
import { type FoldBuildsOptions, foldBuilds } from './fold-builds.ts';
import { type FoldThreads, foldInThreads } from './fold-in-threads.ts';
import type { FoldTask } from './fold-thread-data.ts';

export interface RebuildWhollyOptions
  extends Pick<FoldBuildsOptions, 'until' | 'memoryBytes' | 'signal' | 'throttle' | 'extend' | 'onLoad'> {
  readonly stores: Pick<ProjectionStores, 'events' | 'builds'>;
  readonly models: readonly OwnedBuild[];
  /** In how many parts of the log each is folded. */
  readonly partsOf: (projection: string) => number;
  /** At most; 0: they are folded in this one. */
  readonly threads: number;
  /** Missing: there are none. */
  readonly foldThreads: FoldThreads | undefined;
  readonly onRead: (events: number, left: number, until: number) => void;
  /** Told that `events` that were read need not be read again; missing: all. */
  readonly onKept: (events?: number) => void;
  readonly onCompleted: (model: OwnedBuild, rows: number) => void;
}

/** Folds builds from the whole log and completes each: side by side in threads, or together in this one. Throws `KeysNotByStream`. */
export async function rebuildWholly(options: RebuildWhollyOptions): Promise<void> {
  const { models, threads, foldThreads } = options;
  const assembly = new Assembly(options);
  const tasks = models.flatMap((model) => partsOfModel(options, model).map((part) => ({ model, part })));
  if (foldThreads !== undefined && threads > 0) return foldSideBySide(options, foldThreads, tasks, assembly);
  const { builds } = options.stores;
  const buildings = await Promise.all(tasks.map(({ model, part }) => Building.open(builds, model, part)));
  await foldBuilds({ ...options, buildings, onLoaded: ({ model, loaded }, until) => assembly.add(model, loaded, until) });
}

interface Task {
  readonly model: OwnedBuild;
  readonly part: LogPart | undefined;
}

function partsOfModel({ partsOf }: RebuildWhollyOptions, { projection }: OwnedBuild): readonly (LogPart | undefined)[] {
  const of = partsOf(projection.name);
  return of === 1 ? [undefined] : Array.from({ length: of }, (_, index) => ({ index, of }));
}

function foldSideBySide(
  options: RebuildWhollyOptions,
  foldThreads: FoldThreads,
  tasks: readonly Task[],
  assembly: Assembly,
): Promise<void> {
  const { until, onLoad, onRead } = options;
  const byTask = new Map(tasks.map((task) => [foldTask(task), task.model]));
  return foldInThreads({
    ...options,
    ...foldThreads,
    tasks: [...byTask.keys()],
    onLoad: () => onLoad(until),
    onLoaded: async (task, loaded) => {
      const model = byTask.get(task);
      if (model !== undefined) await assembly.add(model, loaded, until);
    },
    onRead: (events, left) => onRead(events, left, until),
  });
}

function foldTask({ model: { projection, build, epoch }, part }: Task): FoldTask {
  return { projection: projection.name, version: projection.version, build, epoch, ...(part && { part }) };
}

/** Completes builds whose parts are all loaded, one after the other: each takes two connections. */
class Assembly {
  readonly #options: RebuildWhollyOptions;
  readonly #loaded = new Map<OwnedBuild, LoadedBuild[]>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RebuildWhollyOptions) {
    this.#options = options;
  }

  async add(model: OwnedBuild, part: LoadedBuild, position: number): Promise<void> {
    const { stores, partsOf, signal, onCompleted } = this.#options;
    const loaded = [...(this.#loaded.get(model) ?? []), part];
    this.#loaded.set(model, loaded);
    if (loaded.length < partsOf(model.projection.name)) return;
    const completed = this.#turn.then(() => completeBuild({ builds: stores.builds, model, loaded, position, check: true, signal }));
    this.#turn = completed.catch(() => undefined); // told to who waits for it
    await completed;
    onCompleted(model, rowsLoaded(loaded));
  }
}
