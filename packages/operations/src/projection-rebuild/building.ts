import { setImmediate as turn } from 'node:timers/promises';
import type { OwnedBuild, ParkedEvent, Projection, ReadModelBuilds } from '@kiroku/core';
import { type FoldProgress, MemoryFold, progressLines, RowDigest, readProgress, rowPages, type Share, shareText } from '@kiroku/engine';

/** A build in the making: what of it is folded in memory, and what is loaded already. */
export class Building {
  readonly model: OwnedBuild;
  readonly #builds: ReadModelBuilds;
  readonly #only: { readonly [table: string]: ReadonlySet<string> } | undefined;
  #fold: MemoryFold;
  #pending: Share[];
  readonly #parked: ParkedEvent[];
  readonly #sums: Map<string, RowDigest>;

  private constructor(
    builds: ReadModelBuilds,
    model: OwnedBuild,
    progress: FoldProgress,
    only?: { readonly [table: string]: ReadonlySet<string> },
  ) {
    this.#builds = builds;
    this.model = model;
    this.#only = only;
    this.#fold = progress.fold;
    this.#pending = [...progress.pending];
    this.#parked = [...progress.parked];
    this.#sums = new Map(Object.entries(model.projection.tables).map(([name, table]) => [name, new RowDigest(table, progress.sums[name])]));
  }

  /** Begins, or goes on from what was kept. */
  static async open(builds: ReadModelBuilds, model: OwnedBuild): Promise<Building> {
    const { projection } = model;
    const kept = await readProgress(projection, builds.readProgress(model));
    return new Building(builds, model, kept ?? fresh(projection));
  }

  /** Begins, with these keys alone (by `rowKeyText`, by table). */
  static of(builds: ReadModelBuilds, model: OwnedBuild, only: { readonly [table: string]: ReadonlySet<string> }): Building {
    return new Building(builds, model, fresh(model.projection, only), only);
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

  /** Rows that are loaded. */
  get rows(): number {
    return [...this.#sums.values()].reduce((sum, digest) => sum + digest.sum.rows, 0);
  }

  get parked(): readonly ParkedEvent[] {
    return this.#parked;
  }

  /** Whether nothing has been loaded or put off yet: then the fold may still go further than was planned. */
  get isFirstPass(): boolean {
    return this.#pending.length === 0 && this.rows === 0 && this.#fold.share.of === 1;
  }

  /** A share of the keys that did not fit into memory: its turn comes later. */
  putOff(share: Share): void {
    this.#pending.push(share);
  }

  /** Keeps what is folded, to go on from after a crash. Keys alone are not kept: they are fewer. The signal ends it, as it does `load`. */
  async keep(signal?: AbortSignal): Promise<void> {
    if (this.#only !== undefined) return;
    const sums = Object.fromEntries([...this.#sums].map(([name, digest]) => [name, digest.sum]));
    const lines = progressLines({ fold: this.#fold, pending: this.#pending, parked: this.#parked, sums });
    await this.#builds.saveProgress(this.model, untilAborted(lines, signal));
  }

  /** Loads what is folded, and begins with the next share. `false` if there is none. */
  async load(signal?: AbortSignal): Promise<boolean> {
    for (const { name, rows } of this.#fold.tables) {
      const digest = this.#sums.get(name);
      for await (const page of untilAborted(rowPages(rows.values()), signal)) digest?.add(page);
      await this.#builds.load(this.model, name, shareText(this.#fold.share), untilAborted(rowPages(rows.values()), signal));
    }
    for (const event of this.#fold.parked()) this.#parked.push(event);
    const share = this.#pending.pop();
    if (share === undefined) return false;
    this.#fold = new MemoryFold({ projection: this.projection, share, ...(this.#only && { only: this.#only }) });
    await this.keep(signal);
    return true;
  }

  /** The tables whose rows are not, as they are read, what was folded. */
  async differingTables(signal?: AbortSignal): Promise<readonly string[]> {
    return this.#builds.readRows(this.model, async (snapshot) => {
      const differing: string[] = [];
      for (const [name, table] of Object.entries(this.projection.tables)) {
        const found = new RowDigest(table);
        for await (const page of untilAborted(snapshot.rows(name), signal)) found.add(page);
        const [is, should] = [found.sum, this.#sums.get(name)?.sum];
        if (is.rows !== should?.rows || is.low !== should.low || is.high !== should.high) differing.push(name);
      }
      return differing;
    });
  }
}

/** The items until the signal fires: then it throws. Other work of the process, such as keeping the job's lease, gets its turn between two. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
    await turn();
  }
}

function fresh(projection: Projection, only?: { readonly [table: string]: ReadonlySet<string> }): FoldProgress {
  return { fold: new MemoryFold({ projection, ...(only && { only }) }), pending: [], parked: [], sums: {} };
}
