import { setImmediate as turn } from 'node:timers/promises';
import type { KeptProgress, LogPart, OwnedBuild, ParkedEvent, Projection, ReadModelBuilds, Row } from '@kiroku/core';
import {
  type FoldProgress,
  MemoryFold,
  type OnlyKeys,
  progressLines,
  RowDigest,
  type RowSum,
  readProgress,
  rowPages,
  type Share,
} from '@kiroku/engine';

/** What a build, or a part of it, has come to when all its rows are loaded. */
export interface LoadedBuild {
  readonly parked: readonly ParkedEvent[];
  /** The rows that were loaded, by table. */
  readonly sums: { readonly [table: string]: RowSum };
}

export interface BuildingOptions {
  /** Of the log, that is folded. Default: all of it. */
  readonly part?: LogPart;
  /** Keys that are folded, if not all are. */
  readonly only?: OnlyKeys;
}

/** A build in the making, or a part of it: what of it is folded in memory, and what is loaded already. */
export class Building {
  readonly model: OwnedBuild;
  readonly part: LogPart | undefined;
  /** The keys that are folded, if not all are. */
  readonly only: OnlyKeys | undefined;
  readonly #builds: ReadModelBuilds;
  #fold: MemoryFold;
  #pending: Share[];
  #done: boolean;
  readonly #parked: ParkedEvent[];
  readonly #sums: Map<string, RowDigest>;

  private constructor(builds: ReadModelBuilds, model: OwnedBuild, progress: FoldProgress) {
    this.#builds = builds;
    this.model = model;
    this.part = progress.part;
    this.only = progress.only;
    this.#fold = progress.fold;
    this.#pending = [...progress.pending];
    this.#done = progress.done ?? false;
    this.#parked = [...progress.parked];
    this.#sums = new Map(Object.entries(model.projection.tables).map(([name, table]) => [name, new RowDigest(table, progress.sums[name])]));
  }

  /** Begins, or goes on from what was kept. */
  static async open(builds: ReadModelBuilds, model: OwnedBuild, part?: LogPart): Promise<Building> {
    return (await Building.kept(builds, model, part)) ?? Building.begin(builds, model, part === undefined ? {} : { part });
  }

  /** Goes on from what was kept; `undefined` if nothing was. */
  static async kept(builds: ReadModelBuilds, model: OwnedBuild, part?: LogPart): Promise<Building | undefined> {
    const kept = await readProgress(model.projection, builds.readProgress(model, partName(part)));
    return kept && new Building(builds, model, kept);
  }

  static begin(builds: ReadModelBuilds, model: OwnedBuild, { part, only }: BuildingOptions): Building {
    const fold = new MemoryFold({ projection: model.projection, ...(part && { part }), ...(only && { only: only.keys }) });
    return new Building(builds, model, { fold, ...(part && { part }), ...(only && { only }), pending: [], parked: [], sums: {} });
  }

  get projection(): Projection {
    return this.model.projection;
  }

  get fold(): MemoryFold {
    return this.#fold;
  }

  /** Passes over the log that are left, with the one in hand. */
  get passes(): number {
    return 1 + this.#pending.length;
  }

  /** Whether all its rows are loaded. */
  get isDone(): boolean {
    return this.#done;
  }

  /** What is loaded. */
  get loaded(): LoadedBuild {
    return { parked: this.#parked, sums: Object.fromEntries([...this.#sums].map(([name, digest]) => [name, digest.sum])) };
  }

  /** Whether nothing has been loaded or put off yet: then the fold may still go further than was planned. */
  get isFirstPass(): boolean {
    const rows = [...this.#sums.values()].reduce((sum, digest) => sum + digest.sum.rows, 0);
    return this.#pending.length === 0 && rows === 0 && this.#fold.share.of === 1;
  }

  /** A share of the keys that did not fit into memory: its turn comes later. */
  putOff(share: Share): void {
    this.#pending.push(share);
  }

  /** Keeps what is folded, to go on from after a crash. The signal ends it, as it does `load`. */
  keep(signal?: AbortSignal): Promise<void> {
    return this.#builds.saveProgress(this.model, this.#progress(signal));
  }

  /** Loads what is folded, keeps that it is, and begins with the next share. `false` if there is none. After a fault, nothing can be done with it. */
  async load(signal?: AbortSignal): Promise<boolean> {
    const { tables } = this.#fold;
    for (const event of this.#fold.parked()) this.#parked.push(event);
    const share = this.#pending.pop();
    this.#done = share === undefined;
    const [projection, part, only] = [this.projection, this.part, this.only];
    this.#fold = new MemoryFold({ projection, ...(share && { share }), ...(part && { part }), ...(only && { only: only.keys }) });
    const rows = Object.fromEntries(
      tables.map((table) => [table.name, summed(untilAborted(rowPages(table.rows.values()), signal), this.#sums.get(table.name))]),
    );
    await this.#builds.load(this.model, rows, this.#progress(signal));
    return !this.#done;
  }

  #progress(signal: AbortSignal | undefined): KeptProgress {
    const name = partName(this.part);
    return { lines: untilAborted(this.#lines(), signal), ...(name !== undefined && { name }) };
  }

  /** As it is when they are read: what is loaded is summed up on its way out. */
  async *#lines(): AsyncGenerator<string> {
    const { part, only } = this;
    const progress = { fold: this.#fold, pending: this.#pending, done: this.#done, ...this.loaded };
    yield* progressLines({ ...progress, ...(part && { part }), ...(only && { only }) });
  }
}

async function* summed(pages: AsyncIterable<readonly Row[]>, sum: RowDigest | undefined): AsyncGenerator<readonly Row[]> {
  for await (const page of pages) {
    sum?.add(page);
    yield page;
  }
}

/** Names the progress that is kept of a part. */
function partName(part: LogPart | undefined): string | undefined {
  return part && `${part.index + 1} of ${part.of}`;
}

/** The items until the signal fires: then it throws. Other work of the process, such as keeping the job's lease, gets its turn between two. */
export async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
    await turn();
  }
}
