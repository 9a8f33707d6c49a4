import { foldLog } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import type { Building } from './building.ts';
import type { Throttle } from './throttle.ts';

export interface FoldBuildsOptions {
  readonly stores: Pick<ProjectionStores, 'events'>;
  readonly buildings: readonly Building[];
  /** Position that all are folded to. */
  readonly until: number;
  readonly memoryBytes: number;
  /** Of `foldLog`. */
  readonly heapIsLimited?: boolean;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Whether the first pass may go further than `until`, to where the log's head is by then. */
  readonly extend: boolean;
  /** Told before rows are loaded: from then on the fold must end at `until`, also after a crash. */
  readonly onLoad: (until: number) => Promise<void>;
  /** Told when all rows of one are loaded. */
  readonly onLoaded: (building: Building, until: number) => Promise<void> | void;
  /** Told when what was read need not be read again, whatever happens. */
  readonly onKept: () => void;
  /** Told after each page: how many events were looked at, how many are left in all passes, and where the fold goes to. */
  readonly onRead: (events: number, left: number, until: number) => void;
}

/** The log grows while it is folded: so far from its head, the fold goes on to it. */
const closeEnough = 10_000;
const firstKeepMs = 10_000;
/** Keeping may cost a twentieth of the time. */
const keepShare = 20;

/** Folds builds from the log and loads their rows. Those of the same part of the log are folded together, in as many passes as the memory needs. */
export async function foldBuilds(options: FoldBuildsOptions): Promise<void> {
  const { buildings, until, extend, onLoaded } = options;
  for (const building of buildings) if (building.isDone) await onLoaded(building, until);
  const groups = byPart(buildings.filter(({ isDone }) => !isDone));
  for (const [index, group] of groups.entries()) {
    const later = groups.slice(index + 1).reduce((sum, [first]) => sum + until * weight(first), 0);
    await foldTogether({ ...options, buildings: group, extend: extend && groups.length === 1 }, later);
  }
}

async function foldTogether(options: FoldBuildsOptions, later: number): Promise<void> {
  const { stores, buildings, extend, memoryBytes, heapIsLimited = false, signal, throttle, onRead, onKept, onLoad } = options;
  const part = buildings[0]?.part;
  const events = weight(buildings[0]);
  let { until } = options;
  let left = [...buildings];
  while (left.length > 0) {
    const building = new Map(left.map((each) => [each.fold, each]));
    let at = Math.min(...left.map(({ fold }) => fold.position));
    const keep = keeper(left, { signal, onKept });
    await foldLog({
      eventStore: stores.events,
      folds: [...building.keys()],
      until,
      memoryBytes,
      heapIsLimited,
      signal,
      ...(part && { part }),
      onGivenUp: (fold, share) => building.get(fold)?.putOff(share),
      onPage: async (position) => {
        const passes = Math.max(...left.map((each) => each.passes)) - 1;
        onRead((position - at) * events, (until - position + passes * until) * events + later, until);
        await throttle((position - at) * events);
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
async function loadAll(buildings: readonly Building[], { signal, onLoaded }: FoldBuildsOptions, until: number): Promise<Building[]> {
  const unfinished: Building[] = [];
  for (const building of buildings) {
    if (await building.load(signal)) unfinished.push(building);
    else await onLoaded(building, until);
    signal.throwIfAborted();
  }
  return unfinished;
}

/** Of the positions of the log, so many events are looked at. */
function weight(building: Building | undefined): number {
  return 1 / (building?.part?.of ?? 1);
}

function byPart(buildings: readonly Building[]): readonly (readonly Building[])[] {
  const groups = new Map<string, Building[]>();
  for (const building of buildings) {
    const name = JSON.stringify(building.part ?? null);
    groups.set(name, [...(groups.get(name) ?? []), building]);
  }
  return [...groups.values()];
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
