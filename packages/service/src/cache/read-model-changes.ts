import type { Dependency, Projection, ReadModelAdvance, ReadModelNews } from '@kiroku/core';

export interface ReadModelChangesOptions {
  /** As they are declared here. Those of other versions are of no interest. */
  readonly projections: readonly Pick<Projection, 'name' | 'version' | 'tables'>[];
  /** Milliseconds after which nothing is relied on, if it is not heard that nothing was missed. Default 2,000. */
  readonly currentMs?: number;
  /** Rows and lists whose last change is known, at most, of each read model; then all that was known before is forgotten. Default 100,000. */
  readonly most?: number;
}

/** Less than this between two sayings that nothing was missed: they waited to be heard. Half a second is usual. */
const waitedMs = 100;

/** Moments are numbered: each change that is heard is the next. */
type Moment = number;

interface ChangedTable {
  any: Moment;
  readonly rows: Map<string, Moment>;
  /** By column and value. */
  readonly lists: Map<string, Map<string, Moment>>;
}

/** What has been heard of a read model. */
interface Heard {
  readonly build: number;
  /** By partition: all changes up to it have been heard. */
  readonly positions: number[];
  /** Of what was read before, nothing is known. */
  since: Moment;
  /** Rows and lists. */
  known: number;
  readonly tables: Map<string, ChangedTable>;
}

/** How far everything has been heard. */
export interface Reached {
  /** Of all partitions of all the read models. */
  readonly position: number;
  /** Of the one of which most was heard: what is read from now on contains that, but may be said to be anything from `position` on. */
  readonly furthest: number;
}

/**
 * When rows of read models changed last, as far as this process has heard. An advance is told by the transaction that changes the rows, and heard
 * after it is visible: what is read after it was heard contains it. So what was read at a moment is as it was for as long as no later change of what
 * it depends on is heard, and holds up to the position that was heard last.
 */
export class ReadModelChanges {
  readonly #projections: ReadonlyMap<string, Pick<Projection, 'version' | 'tables'>>;
  readonly #currentMs: number;
  readonly #most: number;
  readonly #models = new Map<string, Heard>();
  #moment: Moment = 0;
  #currentAt = Number.NEGATIVE_INFINITY;
  /** When it was heard last that nothing was missed, whether that was relied on or not. */
  #saidAt: number | undefined;

  constructor({ projections, currentMs = 2_000, most = 100_000 }: ReadModelChangesOptions) {
    this.#projections = new Map(projections.map((projection) => [projection.name, projection]));
    this.#currentMs = currentMs;
    this.#most = most;
  }

  /** What is read from now on contains all that was heard. */
  get moment(): Moment {
    return this.#moment;
  }

  hear(news: ReadModelNews): void {
    if (news.kind === 'current') this.#current();
    else if (news.version !== this.#projections.get(news.projection)?.version) this.#models.delete(news.projection);
    else if (news.kind === 'advance') this.#advanced(news);
    else {
      const { projection, build, positions } = news;
      this.#models.set(projection, { build, positions: [...positions], since: ++this.#moment, known: 0, tables: new Map() });
    }
  }

  /** Nobody is heard any more: nothing is known until it is told again. */
  forget(): void {
    this.#models.clear();
    this.#currentAt = Number.NEGATIVE_INFINITY;
    this.#saidAt = undefined;
  }

  /** How far everything has been heard of all of them; `undefined` if it is not known at present. */
  reached(reads: readonly Pick<Projection, 'name'>[]): Reached | undefined {
    if (performance.now() - this.#currentAt > this.#currentMs) return undefined;
    let [position, furthest] = [Number.POSITIVE_INFINITY, 0];
    for (const { name } of reads) {
      const model = this.#models.get(name);
      if (model === undefined) return undefined;
      for (const each of model.positions) {
        if (each < position) position = each;
        if (each > furthest) furthest = each;
      }
    }
    return Number.isFinite(position) ? { position, furthest } : undefined;
  }

  /** Is nothing of it known to have changed after the moment? */
  isUnchanged(dependencies: readonly Dependency[], moment: Moment): boolean {
    return dependencies.every((dependency) => {
      const model = this.#models.get(dependency.projection);
      if (model === undefined || model.since > moment) return false;
      const table = model.tables.get(dependency.table);
      return table === undefined || lastChange(table, dependency) <= moment;
    });
  }

  /** What is heard after a long silence, and what comes together, may have been said long ago: this process stood still, not who says it. */
  #current(): void {
    const now = performance.now();
    const silence = this.#saidAt === undefined ? waitedMs : now - this.#saidAt;
    this.#saidAt = now;
    if (silence >= waitedMs && silence <= this.#currentMs) this.#currentAt = now;
  }

  #advanced({ projection, build, partition, position, changed, lists }: ReadModelAdvance): void {
    const model = this.#models.get(projection);
    if (model?.build !== build) return;
    model.positions[partition] = Math.max(model.positions[partition] ?? 0, position);
    if (changed === undefined || lists === undefined || !this.#tellsLists(projection, changed, lists)) this.#forget(model);
    else this.#note(model, changed, lists);
  }

  /** Not from a process whose code does not tell of them yet, or of which nobody knew what the rows were before. */
  #tellsLists(
    projection: string,
    changed: NonNullable<ReadModelAdvance['changed']>,
    lists: NonNullable<ReadModelAdvance['lists']>,
  ): boolean {
    const { tables = {} } = this.#projections.get(projection) ?? {};
    return Object.keys(changed).every((name) => (tables[name]?.listedBy ?? []).every((column) => lists[`${name}.${column}`] !== undefined));
  }

  #note(model: Heard, changed: NonNullable<ReadModelAdvance['changed']>, lists: NonNullable<ReadModelAdvance['lists']>): void {
    const moment = ++this.#moment;
    for (const [name, keys] of Object.entries(changed)) {
      const table = tableOf(model, name);
      table.any = moment;
      for (const key of keys) model.known += noted(table.rows, key, moment);
    }
    for (const [list, values] of Object.entries(lists)) {
      const [name = '', column = ''] = list.split('.');
      const { lists: known } = tableOf(model, name);
      const byValue = known.get(column) ?? new Map<string, Moment>();
      known.set(column, byValue);
      for (const value of values) model.known += noted(byValue, value, moment);
    }
    if (model.known > this.#most) this.#forget(model);
  }

  #forget(model: Heard): void {
    model.since = ++this.#moment;
    model.known = 0;
    model.tables.clear();
  }
}

function tableOf({ tables }: Heard, name: string): ChangedTable {
  const known = tables.get(name);
  if (known !== undefined) return known;
  const table = { any: 0, rows: new Map(), lists: new Map() };
  tables.set(name, table);
  return table;
}

/** How many more are known by it. */
function noted(moments: Map<string, Moment>, name: string, moment: Moment): number {
  const before = moments.size;
  moments.set(name, moment);
  return moments.size - before;
}

function lastChange(table: ChangedTable, { keys, list }: Dependency): Moment {
  if (list !== undefined) return table.lists.get(list.column)?.get(list.value) ?? 0;
  if (keys === undefined) return table.any;
  let last = 0;
  for (const key of keys) last = Math.max(last, table.rows.get(key) ?? 0);
  return last;
}
