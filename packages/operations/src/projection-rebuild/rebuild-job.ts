import { type FoldProjection, isKirokuError, KirokuError, type OwnedBuild, type Projection } from '@kiroku/core';
import { type JobContext, type JobDefinition, KeysNotByStream } from '@kiroku/engine';
import { requireProjection } from '../projection-list/require-projection.ts';
import { findInconsistentKeys } from '../projection-verify/find-inconsistent-keys.ts';
import { requireFolds } from '../projection-verify/require-folds.ts';
import { Building } from './building.ts';
import { claimBuild, takeUpBuild } from './claim-build.ts';
import { completeBuild, rowsLoaded } from './complete-build.ts';
import { dropBuilds } from './drop-builds.ts';
import { foldBuilds } from './fold-builds.ts';
import type { FoldThreads } from './fold-in-threads.ts';
import { heldUp } from './held-up.ts';
import { liveLagSeconds } from './live-lag.ts';
import type { RebuildStores } from './open-rebuild-stores.ts';
import { partsOfLog, threadsFor } from './parts-of-log.ts';
import {
  defaultMaxLagSeconds,
  defaultMemoryBytes,
  type RebuildArguments,
  type RebuildCursor,
  type RebuildReport,
  rebuildVerb,
} from './rebuild-arguments.ts';
import { activeBuild, type KeysOfTables, rebuildPartly, requirePosition } from './rebuild-partly.ts';
import { rebuildWholly } from './rebuild-wholly.ts';
import { switchRebuilt } from './switch-rebuilt.ts';
import { throttle } from './throttle.ts';

type RebuildContext = JobContext<RebuildArguments, RebuildCursor>;

/** Builds read models anew beside those that are read, and switches to them. Without `foldThreads` they are folded in this thread. */
export function rebuildJob(
  open: () => RebuildStores & AsyncDisposable,
  foldThreads?: FoldThreads,
): JobDefinition<RebuildArguments, RebuildCursor, RebuildReport> {
  return {
    verb: rebuildVerb,
    run: async (context) => {
      await using stores = open();
      try {
        return await new Rebuild(stores, context, foldThreads).run();
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
  readonly #foldThreads: FoldThreads | undefined;
  readonly #context: RebuildContext;
  readonly #projections: readonly Projection[];
  readonly #startedAt = performance.now();
  #cursor: RebuildCursor;
  #left = 0;
  /** How many rows were folded, by projection that is complete. */
  readonly #rows = new Map<string, number>();
  /** Events that earlier runs have read in vain. */
  readonly #again: number;
  /** How far the builds are that follow the log instead of being folded in memory. */
  readonly #followed = new Map<string, { readonly position: number; readonly goal: number }>();

  constructor(stores: RebuildStores, context: RebuildContext, foldThreads: FoldThreads | undefined) {
    this.#stores = stores;
    this.#foldThreads = foldThreads;
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
    const whole: OwnedBuild[] = [];
    for (const projection of this.#projections) {
      if (fromEventNumber !== undefined || fromInconsistency) {
        await this.#rebuildPart(projection, activeBuild(await builds.versions(projection.name), projection));
      } else {
        const model = await this.#beginWhole(projection, head);
        if (model !== undefined) whole.push(model);
      }
    }
    this.#report();
    await this.#foldWhole(whole, head);
    const folded = { events: Math.round(this.#cursor.read), seconds: this.#seconds() };
    const rebuilt = await switchRebuilt({
      stores: this.#stores,
      context: this.#context,
      projections: this.#projections,
      targets: this.#cursor.builds,
      rowsOf: (name) => this.#rows.get(name),
      onMoved: (name, position, goal) => {
        this.#followed.set(name, { position, goal });
        this.#report();
      },
    });
    const onlyFollowed = this.#projections.every(({ kind }) => kind === 'sql');
    const { events: done, seconds } = onlyFollowed ? { events: this.#progressOfFollowed().done, seconds: this.#seconds() } : folded;
    return { projections: rebuilt, events: done, seconds, rate: Math.round(done / Math.max(seconds, 0.001)) };
  }

  /** The build to be folded from the whole log; `undefined` if it is complete already. */
  async #beginWhole(projection: Projection, head: number): Promise<OwnedBuild | undefined> {
    const begun = await this.#takeUp(projection);
    if (begun?.state === 'ready') return undefined;
    if (projection.kind === 'fold') return begun?.model ?? (await this.#claimInParts(projection, head));
    const model = begun?.model ?? (await this.#claim(projection));
    this.#followed.set(projection.name, { position: 0, goal: this.#cursor.until });
    // what its SQL does is known to nobody else: it follows the log from its beginning, beside the one that is read
    await this.#stores.builds.finish(model, { position: 0, parked: [] });
    return undefined;
  }

  /** In how many parts of the log it is folded is settled before any is: a later run, with other processors, keeps to it. */
  async #claimInParts(projection: FoldProjection, head: number): Promise<OwnedBuild> {
    const parts = await partsOfLog(this.#stores, projection, { threads: this.#threads(head), head });
    this.#cursor = { ...this.#cursor, parts: { ...this.#cursor.parts, [projection.name]: parts } };
    return this.#claim(projection);
  }

  async #foldWhole(models: readonly OwnedBuild[], head: number): Promise<void> {
    if (models.length === 0) return;
    const isOpen = this.#cursor.loading !== true;
    const threads = this.#threads(head);
    // threads agree on where they end before they begin; later events are followed as they are afterwards
    if (isOpen && threads > 0) this.#cursor = { ...this.#cursor, until: head };
    try {
      await rebuildWholly({
        ...this.#foldOptions(this.#cursor.until),
        models,
        threads,
        partsOf: (name) => this.#cursor.parts?.[name] ?? 1,
        foldThreads: this.#foldThreads,
        onCompleted: ({ projection: { name } }, rows) => this.#rows.set(name, rows),
      });
    } catch (error) {
      if (!(error instanceof KeysNotByStream)) throw error;
      await this.#foldWhole(await this.#withoutParts(models, error), head);
    }
  }

  /** What is left to be folded, with a projection begun anew whose events turned out to touch rows of several parts of the log. */
  async #withoutParts(models: readonly OwnedBuild[], { projection: name, message }: KeysNotByStream): Promise<readonly OwnedBuild[]> {
    this.#context.log(`${name} cannot be folded in parts, ${message}; it is begun again`);
    const left: OwnedBuild[] = [];
    for (const model of models) {
      if (this.#rows.has(model.projection.name)) continue;
      if (model.projection.name !== name) {
        left.push(model);
        continue;
      }
      await this.#stores.builds.retire(model);
      this.#cursor = { ...this.#cursor, parts: { ...this.#cursor.parts, [name]: 1 } };
      left.push(await this.#claim(model.projection));
    }
    return left;
  }

  /** Makes the build from the active one, unless it is complete already. */
  async #rebuildPart(projection: Projection, from: number): Promise<void> {
    const begun = await this.#takeUp(projection);
    if (begun?.state === 'ready') return;
    const { builds } = this.#stores;
    const kept = begun && (await Building.kept(builds, begun.model));
    if (begun !== undefined && kept === undefined) await builds.retire(begun.model); // rows may lack that were to be carried over
    const building = kept ?? (await this.#beginPart(projection, from));
    const until = building.only?.until ?? 0;
    await foldBuilds({
      ...this.#foldOptions(until),
      buildings: [building],
      extend: false,
      onLoad: () => Promise.resolve(), // it is kept with the keys how far they are folded
      onLoaded: ({ model, loaded }) => {
        this.#rows.set(projection.name, rowsLoaded([loaded]));
        return completeBuild({ builds, model, loaded: [loaded], position: until, check: false, signal: this.#context.signal });
      },
    });
  }

  async #beginPart(projection: Projection, from: number): Promise<Building> {
    const { builds, events } = this.#stores;
    const { fromEventNumber } = this.#context.arguments;
    const active = { projection, build: from };
    const keys: KeysOfTables =
      fromEventNumber === undefined
        ? await findInconsistentKeys({ stores: this.#stores, model: active, ...this.#bounds() })
        : Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Set<string>()]));
    const building = await rebuildPartly({
      stores: { builds, events },
      model: await this.#claim(projection),
      from: active,
      keys,
      ...this.#bounds(),
      ...(fromEventNumber !== undefined && { fromEventNumber }),
    });
    const refolded = Object.values(keys).reduce((sum, { size }) => sum + size, 0);
    this.#context.log(`${projection.name}: ${refolded} keys are folded anew, the other rows were carried over`);
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

  /** How many fold side by side; 0: this one folds. */
  #threads(head: number): number {
    const { memoryBytes = defaultMemoryBytes, parallel } = this.#context.arguments;
    return this.#foldThreads === undefined ? 0 : threadsFor({ memoryBytes, head, asked: parallel });
  }

  #bounds() {
    const { memoryBytes = defaultMemoryBytes, maxLagSeconds = defaultMaxLagSeconds, maxRate } = this.#context.arguments;
    const { signal } = this.#context;
    const lagSeconds = () => liveLagSeconds(this.#stores);
    const wait = throttle({ maxLagSeconds, lagSeconds, signal, ...(maxRate !== undefined && { maxRate }) });
    return { memoryBytes, signal, throttle: wait };
  }

  #foldOptions(until: number) {
    return {
      ...this.#bounds(),
      stores: this.#stores,
      until,
      extend: this.#cursor.loading !== true,
      onLoad: async (goal: number) => {
        this.#cursor = { ...this.#cursor, until: goal, loading: true };
        this.#report();
        await this.#context.saved();
      },
      onKept: (events?: number) => {
        const { read, kept = 0 } = this.#cursor;
        this.#cursor = { ...this.#cursor, kept: events === undefined ? read - this.#again : kept + events };
        this.#report();
      },
      onRead: (events: number, left: number, goal: number) => {
        this.#left = left;
        this.#cursor = { ...this.#cursor, until: goal, read: this.#cursor.read + events };
        this.#report();
      },
    };
  }

  #report(): void {
    const folded = this.#cursor.read - this.#again;
    const { done, total } = this.#progressOfFollowed();
    // a thread counts the events of its part
    const progress = { done: Math.round(folded + done), total: Math.round(folded + this.#left + total), unit: 'events' };
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
