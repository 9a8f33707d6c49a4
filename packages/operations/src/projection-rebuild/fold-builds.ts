import { KirokuError } from '@kiroku/core';
import { foldLog } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import type { Building } from './building.ts';
import type { Throttle } from './throttle.ts';

export interface FoldBuildsOptions {
  readonly stores: Pick<ProjectionStores, 'events' | 'builds'>;
  readonly buildings: readonly Building[];
  /** Position that all are folded to. */
  readonly until: number;
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Whether the rows that are read back are compared with those folded. */
  readonly check: boolean;
  /** Whether the first pass may go further than `until`, to where the log's head is by then. */
  readonly extend: boolean;
  /** Told before rows are loaded: from then on the fold must end at `until`, also after a crash. */
  readonly onLoad: (until: number) => Promise<void>;
  /** Told when what was read need not be read again, whatever happens. */
  readonly onKept: () => void;
  /** Told after each page: how many events were looked at, how many are left in all passes, and where the fold goes to. */
  readonly onRead: (events: number, left: number, until: number) => void;
}

/** The log grows while it is folded: so far from its head, the fold goes on to it. */
const closeEnough = 10_000;
const firstKeepMs = 5_000;
/** Keeping may cost a tenth of the time. */
const keepShare = 10;

/** Folds builds from the log and completes each, in as many passes as the memory needs. */
export async function foldBuilds(options: FoldBuildsOptions): Promise<void> {
  const { stores, extend, memoryBytes, signal, throttle, onRead, onKept, onLoad } = options;
  let { until } = options;
  let left = [...options.buildings];
  while (left.length > 0) {
    const building = new Map(left.map((each) => [each.fold, each]));
    let at = Math.min(...left.map(({ fold }) => fold.position));
    const keep = keeper(left, { signal, onKept });
    await foldLog({
      eventStore: stores.events,
      folds: [...building.keys()],
      until,
      memoryBytes,
      signal,
      onGivenUp: (fold, share) => building.get(fold)?.putOff(share),
      onPage: async (position) => {
        const passes = Math.max(...left.map((each) => each.passes)) - 1;
        onRead(position - at, until - position + passes * until, until);
        await throttle(position - at);
        at = position;
        await keep();
      },
    });
    const { position: head } = await stores.events.head();
    if (extend && left.every(({ isFirstPass }) => isFirstPass) && head - until > closeEnough) until = head;
    else {
      await onLoad(until);
      left = await loadAll(left, options, until);
      onKept();
    }
    signal.throwIfAborted();
  }
}

/** Loads what was folded; returns the builds that need another pass. */
async function loadAll(buildings: readonly Building[], options: FoldBuildsOptions, until: number): Promise<Building[]> {
  const unfinished: Building[] = [];
  for (const building of buildings) {
    if (await building.load(options.signal)) unfinished.push(building);
    else await complete(building, options, until);
    options.signal.throwIfAborted();
  }
  return unfinished;
}

async function complete(building: Building, { stores, check, signal }: FoldBuildsOptions, position: number): Promise<void> {
  const differing = check ? await building.differingTables(signal) : [];
  if (differing.length > 0) {
    const { projection, build } = building.model;
    throw new KirokuError(
      'Internal',
      `Build ${build} of ${projection.name}: what is read of ${differing.join(', ')} is not what was folded, so it is not used. Look at the disk and the server's log; \`kiroku job cancel\` drops the build.`,
    );
  }
  await stores.builds.finish(building.model, { position, parked: building.parked });
}

/** Keeps the folds now and then, so that a crash costs little. */
function keeper(buildings: readonly Building[], { signal, onKept }: Pick<FoldBuildsOptions, 'signal' | 'onKept'>): () => Promise<void> {
  let [keptAt, costMs] = [performance.now(), firstKeepMs / keepShare];
  return async () => {
    const begun = performance.now();
    if (begun - keptAt < Math.max(costMs * keepShare, firstKeepMs)) return;
    for (const building of buildings) await building.keep(signal);
    onKept();
    keptAt = performance.now();
    costMs = keptAt - begun;
  };
}
