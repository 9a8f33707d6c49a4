import { KirokuError, type Projection, type VersionStatus } from '@kiroku/core';
import { foldLog, MemoryFold, rowBytesWithin } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { requireFolds } from '../projection-verify/require-folds.ts';
import { requireNotUnderWay } from './claim-build.ts';
import { threadsFor } from './parts-of-log.ts';
import { defaultMemoryBytes, type RebuildArguments, rebuildVerb } from './rebuild-arguments.ts';
import { requirePosition } from './rebuild-partly.ts';
import { requireFollowable } from './require-followable.ts';
import { olderBuilds } from './retire-older.ts';

export interface RebuildChoice extends Omit<RebuildArguments, 'projections'> {
  readonly names: readonly string[];
  /** Every projection that the code declares. */
  readonly all?: boolean;
}

export interface PlannedRebuild {
  readonly name: string;
  readonly version: number;
  /** The build that is read now; missing: none is. */
  readonly activeBuild?: number;
  /** Rows and bytes of the build that is read: about as many will be made. */
  readonly rows: number;
  readonly bytes: number;
  /** Complete builds that there are already: every event is folded into each, until it is retired. */
  readonly followed: number;
  /** Of these, those that it retires once the new one is read. */
  readonly retires: readonly number[];
}

export interface RebuildPlan {
  readonly arguments: RebuildArguments;
  readonly projections: readonly PlannedRebuild[];
  /** Events of the log. */
  readonly events: number;
  /** How often the log is read, so that the rows fit into the memory. */
  readonly passes: number;
  /** Events a second, as the last rebuild did, or as the first events of the log are folded now. */
  readonly rate: number;
  readonly seconds: number;
}

const sampledEvents = 20_000;
/** Rebuilds. */
const lookedBack = 20;
/** A row takes twice as much in memory as in its table. */
const memoryPerByte = 2;

/** What a rebuild would do and what it would cost. Throws `NotFound` for unknown names, `BadRequest`, `RebuildUnderWay`, and `DefinitionInvalid`. */
export async function planRebuild(stores: ProjectionStores, { names, all = false, ...wanted }: RebuildChoice): Promise<RebuildPlan> {
  const projections = chosenProjections(stores, names, all);
  const { position: events } = await stores.events.head();
  if (wanted.fromEventNumber !== undefined) requirePosition(wanted.fromEventNumber, events);
  if (wanted.fromEventNumber !== undefined || wanted.fromInconsistency === true)
    for (const each of projections) requireFolds(each, 'rebuilt in parts');
  if (wanted.retire === true && wanted.noSwitch === true)
    throw new KirokuError('BadRequest', 'What is not switched to replaces no build: leave out either that, or to retire the older ones.');
  for (const each of projections) await requireNotUnderWay(stores, each);
  const versions = await stores.builds.versions();
  for (const each of projections) await requireFollowable(stores, each, versions);
  const planned = await Promise.all(
    projections.map((projection) => plan(stores, projection, { versions, retire: wanted.retire ?? false })),
  );
  const bytes = planned.reduce((sum, each) => sum + each.bytes, 0);
  const passes = Math.max(1, Math.ceil((bytes * memoryPerByte) / roomForRows(wanted, events)));
  const rate = Math.min(
    (await lastRate(stores, projections)) ?? (await sampledRate(stores, projections, events)),
    wanted.maxRate ?? Number.POSITIVE_INFINITY,
  );
  return {
    arguments: { ...wanted, projections: projections.map(({ name, version }) => ({ name, version })) },
    projections: planned,
    events,
    passes,
    rate,
    seconds: rate === 0 ? 0 : (events * passes) / rate,
  };
}

/** Bytes, in all threads together. */
function roomForRows(
  { memoryBytes = defaultMemoryBytes, parallel }: Pick<RebuildArguments, 'memoryBytes' | 'parallel'>,
  head: number,
): number {
  const threads = threadsFor({ memoryBytes, head, asked: parallel });
  return threads === 0 ? rowBytesWithin(memoryBytes) : threads * rowBytesWithin(memoryBytes / threads, { heapIsLimited: true });
}

/** The projections of these names, or all. Throws `NotFound`, and `BadRequest` if none is named. */
export function chosenProjections(
  { application }: Pick<ProjectionStores, 'application'>,
  names: readonly string[],
  all: boolean,
): readonly Projection[] {
  if (all) return application.projections;
  if (names.length === 0) throw new KirokuError('BadRequest', 'Name the projections, or say --all.');
  return [...new Set(names)].map((name) => requireProjection(application, name));
}

async function plan(
  stores: ProjectionStores,
  { name, version }: Projection,
  { versions, retire }: { readonly versions: readonly VersionStatus[]; readonly retire: boolean },
): Promise<PlannedRebuild> {
  const status = versions.find((each) => each.projection === name && each.version === version);
  const build = status?.activeBuild;
  const tables = build === undefined ? [] : await stores.tableSizes({ projection: name, version, build });
  return {
    name,
    version,
    ...(build !== undefined && { activeBuild: build }),
    rows: tables.reduce((sum, { rows }) => sum + rows.count, 0),
    bytes: tables.reduce((sum, { tableBytes }) => sum + tableBytes, 0),
    followed: status?.builds.filter(({ state }) => state === 'ready').length ?? 0,
    retires: retire && status !== undefined ? olderBuilds(status, status.activeBuild) : [],
  };
}

/** Of the last rebuild of such projections: SQL of their own makes for other rates. */
async function lastRate({ jobs, application }: ProjectionStores, projections: readonly Projection[]): Promise<number | undefined> {
  const ofSql = (names: readonly string[]) =>
    names.every((name) => application.projections.find((each) => each.name === name)?.kind === 'sql');
  const done = await jobs.jobs({ states: ['done'], verb: rebuildVerb, limit: lookedBack });
  const wanted = ofSql(projections.map(({ name }) => name));
  const last = done.find(({ arguments: { projections: rebuilt } }) => {
    const targets = rebuilt as RebuildArguments['projections']; // such jobs have these arguments
    return ofSql(targets.map(({ name }) => name)) === wanted;
  });
  const result = last?.result;
  if (typeof result !== 'object' || result === null || !('rate' in result) || !('events' in result)) return undefined;
  // of few events most of the time is spent around them
  return typeof result.rate === 'number' && typeof result.events === 'number' && result.events > sampledEvents ? result.rate : undefined;
}

async function sampledRate({ events }: ProjectionStores, projections: readonly Projection[], head: number): Promise<number> {
  const until = Math.min(head, sampledEvents);
  const folded = projections.filter(({ kind }) => kind === 'fold');
  if (until === 0 || folded.length === 0) return 0;
  const startedAt = performance.now();
  await foldLog({ eventStore: events, folds: folded.map((projection) => new MemoryFold({ projection })), until });
  return Math.round((until * 1_000) / (performance.now() - startedAt));
}
