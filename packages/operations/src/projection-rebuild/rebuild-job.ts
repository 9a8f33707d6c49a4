import { isKirokuError, KirokuError, type OwnedBuild, type Projection, type ReadModelStore, type VersionStatus } from '@kiroku/core';
import type { JobContext, JobDefinition } from '@kiroku/engine';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { findInconsistentKeys } from '../projection-verify/find-inconsistent-keys.ts';
import { requireFolds } from '../projection-verify/require-folds.ts';
import { Building } from './building.ts';
import { claimBuild, takeUpBuild } from './claim-build.ts';
import { dropBuilds } from './drop-builds.ts';
import { type FoldBuildsOptions, foldBuilds } from './fold-builds.ts';
import { heldUp } from './held-up.ts';
import { liveLagSeconds } from './live-lag.ts';
import {
  defaultMaxLagSeconds,
  defaultMemoryBytes,
  type RebuildArguments,
  type RebuildCursor,
  type RebuildReport,
  type RebuildTarget,
  type RebuiltProjection,
  rebuildVerb,
} from './rebuild-arguments.ts';
import { type KeysOfTables, rebuildPartly, requirePosition } from './rebuild-partly.ts';
import { switchWhenLevel } from './switch-when-level.ts';
import { throttle } from './throttle.ts';

export type RebuildStores = ProjectionStores & { readonly readModels: ReadModelStore };
type RebuildContext = JobContext<RebuildArguments, RebuildCursor>;

/** Builds read models anew beside those that are read, and switches to them. */
export function rebuildJob(open: () => RebuildStores & AsyncDisposable): JobDefinition<RebuildArguments, RebuildCursor, RebuildReport> {
  return {
    verb: rebuildVerb,
    run: async (context) => {
      await using stores = open();
      try {
        return await new Rebuild(stores, context).run();
      } catch (error) {
        if (wasCancelled(context.signal)) {
          for (const line of await dropBuilds(stores.builds, { id: context.id, verb: rebuildVerb })) context.log(line);
        }
        throw heldUp(error) ?? error;
      }
    },
    summary: ({ projections }) => projections,
  };
}

/** One run of the job, from its cursor on. */
class Rebuild {
  readonly #stores: RebuildStores;
  readonly #context: RebuildContext;
  readonly #projections: readonly Projection[];
  readonly #startedAt = performance.now();
  #cursor: RebuildCursor;
  #left = 0;
  /** Events that earlier runs have read in vain. */
  readonly #again: number;
  /** How far the builds are that follow the log instead of being folded in memory. */
  readonly #followed = new Map<string, { readonly position: number; readonly goal: number }>();

  constructor(stores: RebuildStores, context: RebuildContext) {
    this.#stores = stores;
    this.#context = context;
    this.#projections = context.arguments.projections.map(({ name, version }) => requireVersion(stores, name, version));
    this.#cursor = context.cursor ?? { builds: [], until: 0, read: 0, kept: 0, seconds: 0 };
    const { read, kept = 0 } = this.#cursor;
    this.#again = read - kept;
  }

  async run(): Promise<RebuildReport> {
    const { events, builds } = this.#stores;
    const { fromEventNumber, fromInconsistency = false } = this.#context.arguments;
    const { position: head } = await events.head();
    if (fromEventNumber !== undefined) requirePosition(fromEventNumber, head);
    if (fromEventNumber !== undefined || fromInconsistency) for (const each of this.#projections) requireFolds(each, 'rebuilt in parts');
    this.#cursor = { ...this.#cursor, until: this.#cursor.until || head };
    const rows = new Map<string, Building>();
    const whole: Building[] = [];
    for (const projection of this.#projections) {
      const from =
        fromEventNumber === undefined && !fromInconsistency ? undefined : activeBuild(await builds.versions(projection.name), projection);
      const building = from === undefined ? await this.#openWhole(projection) : await this.#rebuildPart(projection, from);
      if (building !== undefined) rows.set(projection.name, building);
      if (building !== undefined && from === undefined) whole.push(building);
    }
    this.#report();
    await foldBuilds(this.#foldOptions(whole, this.#cursor.until));
    const folded = { events: this.#cursor.read, seconds: this.#seconds() };
    const rebuilt = await this.#switchAll(rows);
    const onlyFollowed = this.#projections.every(({ kind }) => kind === 'sql');
    const { events: done, seconds } = onlyFollowed ? { events: this.#progressOfFollowed().done, seconds: this.#seconds() } : folded;
    return { projections: rebuilt, events: done, seconds, rate: Math.round(done / Math.max(seconds, 0.001)) };
  }

  /** The build to be folded from the whole log; `undefined` if it is complete already. */
  async #openWhole(projection: Projection): Promise<Building | undefined> {
    const begun = await this.#takeUp(projection);
    if (begun?.state === 'ready') return undefined;
    const model = begun?.model ?? (await this.#claim(projection));
    if (projection.kind === 'fold') return Building.open(this.#stores.builds, model);
    this.#followed.set(projection.name, { position: 0, goal: this.#cursor.until });
    // what its SQL does is known to nobody else: it follows the log from its beginning, beside the one that is read
    await this.#stores.builds.finish(model, { position: 0, parked: [] });
    return undefined;
  }

  /** Makes the build from the active one; a run that was interrupted begins it again. `undefined` if it is complete already. */
  async #rebuildPart(projection: Projection, from: number): Promise<Building | undefined> {
    const begun = await this.#takeUp(projection);
    if (begun?.state === 'ready') return undefined;
    const { builds, events } = this.#stores;
    const { fromEventNumber } = this.#context.arguments;
    if (begun !== undefined) await builds.retire(begun.model);
    const active = { projection, build: from };
    const keys: KeysOfTables =
      fromEventNumber === undefined
        ? await findInconsistentKeys({ stores: this.#stores, model: active, ...this.#bounds() })
        : Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Set<string>()]));
    const model = await this.#claim(projection);
    const { building, until } = await rebuildPartly({
      stores: { builds, events },
      model,
      from: active,
      keys,
      ...this.#bounds(),
      ...(fromEventNumber !== undefined && { fromEventNumber }),
    });
    const refolded = Object.values(keys).reduce((sum, { size }) => sum + size, 0);
    this.#context.log(`${projection.name}: ${refolded} keys are folded anew, the other rows were carried over`);
    // a run that was interrupted begins it again, so it need not be remembered how far it went
    await foldBuilds({
      ...this.#foldOptions([building], until),
      check: false,
      extend: false,
      onLoad: () => Promise.resolve(),
      onKept: () => undefined,
    });
    this.#keep();
    return building;
  }

  /** The build that this job has begun, complete or not. */
  async #takeUp(projection: Projection) {
    const { id, epoch } = this.#context;
    const begun = await takeUpBuild(this.#stores, projection, { job: id, epoch });
    if (begun !== undefined) await this.#aimAt(begun.model);
    return begun;
  }

  async #claim(projection: Projection): Promise<OwnedBuild> {
    const { id, epoch, log } = this.#context;
    const model = await claimBuild(this.#stores, projection, { job: id, epoch, log });
    await this.#aimAt(model);
    log(`${projection.name} version ${projection.version} is built as build ${model.build}`);
    return model;
  }

  async #aimAt({ projection: { name, version }, build }: OwnedBuild): Promise<void> {
    this.#cursor = { ...this.#cursor, builds: [...this.#cursor.builds.filter((each) => each.name !== name), { name, version, build }] };
    this.#report();
    await this.#context.saved();
  }

  #bounds() {
    const { memoryBytes = defaultMemoryBytes, maxLagSeconds = defaultMaxLagSeconds, maxRate } = this.#context.arguments;
    const { signal } = this.#context;
    const lagSeconds = () => liveLagSeconds(this.#stores);
    return { memoryBytes, signal, throttle: throttle({ maxLagSeconds, lagSeconds, signal, ...(maxRate !== undefined && { maxRate }) }) };
  }

  #foldOptions(buildings: readonly Building[], until: number): FoldBuildsOptions {
    return {
      ...this.#bounds(),
      stores: this.#stores,
      buildings,
      until,
      check: true,
      extend: this.#cursor.loading !== true,
      onLoad: async (goal) => {
        this.#cursor = { ...this.#cursor, until: goal, loading: true };
        this.#report();
        await this.#context.saved();
      },
      onKept: () => this.#keep(),
      onRead: (events, left, goal) => {
        this.#left = left;
        this.#cursor = { ...this.#cursor, until: goal, read: this.#cursor.read + events };
        this.#report();
      },
    };
  }

  #keep(): void {
    this.#cursor = { ...this.#cursor, kept: this.#cursor.read - this.#again };
    this.#report();
  }

  async #switchAll(buildings: ReadonlyMap<string, Building>): Promise<RebuiltProjection[]> {
    const rebuilt: RebuiltProjection[] = [];
    const refused: unknown[] = [];
    // those that follow the log from its beginning come last: the others need not wait for them
    const folded = this.#projections.filter(({ kind }) => kind === 'fold');
    for (const projection of [...folded, ...this.#projections.filter(({ kind }) => kind === 'sql')]) {
      const target = this.#cursor.builds.find(({ name }) => name === projection.name);
      if (target === undefined) continue;
      const switched = await this.#switch(projection, target, refused);
      rebuilt.push(await this.#rebuilt(target, switched, buildings.get(projection.name)));
    }
    if (refused.length > 0) throw refused[0]; // the others are done; what was built stays, and can be looked at
    return rebuilt;
  }

  async #switch(projection: Projection, { build }: RebuildTarget, refused: unknown[]): Promise<boolean> {
    const { id, signal, log } = this.#context;
    const { noSwitch = false } = this.#context.arguments;
    if (noSwitch && projection.kind === 'fold') return false;
    const onMoved = (position: number, goal: number) => {
      this.#followed.set(projection.name, { position, goal });
      this.#report();
    };
    try {
      const { readModels } = this.#stores;
      const following = projection.kind === 'sql' && { noSwitch, onMoved };
      await switchWhenLevel({ stores: this.#stores, readModels, projection, build, instance: `rebuild ${id}`, signal, ...following });
      if (noSwitch) return false;
      log(`queries read build ${build} of ${projection.name} now`);
      return true;
    } catch (error) {
      if (!isKirokuError(error, 'ParkedKeys') && !isKirokuError(error, 'BuildOutdated')) throw error;
      log(error.message);
      refused.push(error);
      return false;
    }
  }

  async #rebuilt(target: RebuildTarget, switched: boolean, building: Building | undefined): Promise<RebuiltProjection> {
    const status = (await this.#stores.builds.versions(target.name)).find(({ version }) => version === target.version);
    const made = status?.builds.find(({ build }) => build === target.build);
    const rows = building?.rows ?? (await this.#rowsWritten(target));
    return { ...target, rows, parked: made?.parkedKeys ?? 0, switched, spare: spareBuilds(status, target.build) };
  }

  /** Rows that SQL has made. */
  async #rowsWritten({ name: projection, version, build }: RebuildTarget): Promise<number> {
    const tables = this.#followed.has(projection) ? await this.#stores.tableSizes({ projection, version, build }) : [];
    return tables.reduce((sum, { rows }) => sum + rows.count, 0);
  }

  #report(): void {
    const folded = this.#cursor.read - this.#again;
    const { done, total } = this.#progressOfFollowed();
    const progress = { done: folded + done, total: folded + this.#left + total, unit: 'events' };
    this.#context.report(progress, { ...this.#cursor, seconds: this.#seconds() });
  }

  #progressOfFollowed(): { readonly done: number; readonly total: number } {
    const followed = [...this.#followed.values()];
    return { done: followed.reduce((sum, { position }) => sum + position, 0), total: followed.reduce((sum, { goal }) => sum + goal, 0) };
  }

  #seconds(): number {
    return (this.#context.cursor?.seconds ?? 0) + (performance.now() - this.#startedAt) / 1_000;
  }
}

function spareBuilds(status: VersionStatus | undefined, made: number): readonly number[] {
  const needed = [status?.activeBuild, status?.previousBuild, made];
  return status?.builds.filter(({ build, state }) => state === 'ready' && !needed.includes(build)).map(({ build }) => build) ?? [];
}

function activeBuild(versions: readonly VersionStatus[], { name, version }: Projection): number {
  const active = versions.find((each) => each.version === version)?.activeBuild;
  if (active !== undefined) return active;
  throw new KirokuError(
    'BuildNotReady',
    `Nothing is read of ${name} version ${version} yet, so there are no rows to carry over. Rebuild it as a whole.`,
  );
}

function requireVersion({ application }: Pick<RebuildStores, 'application'>, name: string, version: number): Projection {
  const projection = requireProjection(application, name);
  if (projection.version === version) return projection;
  throw new KirokuError(
    'NotFound',
    `This code has version ${projection.version} of ${name}, not ${version}. Run the job where version ${version} is deployed.`,
  );
}

function wasCancelled({ reason, aborted }: AbortSignal): boolean {
  return aborted && isKirokuError(reason, 'JobInterrupted') && reason.details.why === 'cancel';
}
