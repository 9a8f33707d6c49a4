import type { EventStore, StreamName } from '@kiroku/core';
import type { StoredEvent } from '@kiroku/postgres';
import { appendImported } from './append-imported.ts';
import { isThatImport } from './compare-stored.ts';
import { importRefused } from './import-refused.ts';
import { ImportSequence } from './import-sequence.ts';
import { type ImportedEvent, parseLine } from './parse-line.ts';
import { readLines } from './read-lines.ts';

/** A place in a stream. */
export interface Place {
  readonly stream: StreamName;
  readonly version: number;
}

export interface ImportTarget {
  readonly store: EventStore;
  /** What stands at places of streams, in their order; `undefined` where nothing does. */
  readonly findEventsAt: (places: readonly Place[]) => Promise<readonly (StoredEvent | undefined)[]>;
  /** Which of these ids events have. */
  readonly findKnownIds: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
}

export interface ImportOptions {
  /** The lines, from the beginning, each time it is called. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Can it be read twice? Then all of it is checked before anything is appended. */
  readonly rereadable: boolean;
  /** The log may have other events. Default false: it must be empty, but for what this import has appended before. */
  readonly append?: boolean;
  /** Check everything and append nothing. Default false. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly phase: 'checking' | 'importing';
  /** Events so far in this phase. */
  readonly done: number;
  /** In the second of two phases. */
  readonly total?: number;
}

export type ImportReport = {
  /** In the file. */
  readonly events: number;
  /** Appended, or that would be. */
  readonly imported: number;
  /** Left out, because an earlier run of this import had appended them. */
  readonly alreadyThere: number;
  /** Of the last event appended; absent if there was none. */
  readonly lastPosition?: number;
};

const pageEvents = 500;
const pageCharacters = 2_097_152;

/** Appends exported events to the log, in their order. Throws `ImportRefused`, naming the line; what stood before it may be in the log then. */
export async function importEvents(target: ImportTarget, options: ImportOptions): Promise<ImportReport> {
  const total = options.rereadable ? await checkLines(options) : undefined;
  const run = new ImportRun(target, options, await target.store.head().then(({ position }) => position));
  for await (const page of pages(options)) {
    await run.page(page);
    options.onProgress?.({ phase: 'importing', done: run.report.events, ...(total !== undefined && { total }) });
  }
  return run.report;
}

async function checkLines(options: ImportOptions): Promise<number> {
  const sequence = new ImportSequence();
  let count = 0;
  for await (const page of pages(options)) {
    for (const imported of page) sequence.next(imported);
    count += page.length;
    options.onProgress?.({ phase: 'checking', done: count });
  }
  return count;
}

async function* pages({ open, signal }: ImportOptions): AsyncGenerator<readonly ImportedEvent[], void> {
  let page: ImportedEvent[] = [];
  let characters = 0;
  for await (const line of readLines(open())) {
    signal?.throwIfAborted();
    page.push(parseLine(line));
    characters += line.text.length;
    if (page.length < pageEvents && characters < pageCharacters) continue;
    yield page;
    [page, characters] = [[], 0];
  }
  if (page.length > 0) yield page;
}

class ImportRun {
  readonly #target: ImportTarget;
  readonly #append: boolean;
  readonly #dryRun: boolean;
  readonly #headAtStart: number;
  readonly #sequence = new ImportSequence();
  report: ImportReport = { events: 0, imported: 0, alreadyThere: 0 };

  constructor(target: ImportTarget, { append = false, dryRun = false }: ImportOptions, headAtStart: number) {
    this.#target = target;
    this.#append = append;
    this.#dryRun = dryRun;
    this.#headAtStart = headAtStart;
  }

  async page(page: readonly ImportedEvent[]): Promise<void> {
    const firsts = page.filter((imported) => this.#sequence.next(imported) === 'firstOfStream');
    const missing = await this.#withoutThoseThere(page);
    const { events, imported, alreadyThere, lastPosition } = this.report;
    const skipped = page.length - missing.length;
    const [first] = missing;
    if (first !== undefined && !this.#append && imported === 0) this.#requireNothingElse(first, alreadyThere + page.indexOf(first));
    await this.#requireNewIds(missing);
    if (this.#dryRun) await this.#requireBeginnings(firsts.filter((event) => missing.includes(event)));
    const position = this.#dryRun || first === undefined ? lastPosition : await appendImported(this.#target.store, missing);
    this.report = {
      events: events + page.length,
      imported: imported + missing.length,
      alreadyThere: alreadyThere + skipped,
      ...(position !== undefined && { lastPosition: position }),
    };
  }

  async #withoutThoseThere(page: readonly ImportedEvent[]): Promise<readonly ImportedEvent[]> {
    const there = await this.#target.findEventsAt(page.map(({ exported }) => exported));
    return page.filter((imported, index) => {
      const stored = there[index];
      if (stored === undefined) return true;
      if (isThatImport(imported, stored)) return false;
      const { stream, version } = imported.exported;
      throw importRefused(
        imported.line,
        stored.id === imported.event.id
          ? `its event is in the log already, at position ${stored.position}, and not from this import`
          : `${stream} has another event at version ${version}, at position ${stored.position}`,
      );
    });
  }

  // the log itself knows only ids that were appended lately
  async #requireNewIds(missing: readonly ImportedEvent[]): Promise<void> {
    const known = await this.#target.findKnownIds(missing.map(({ event }) => event.id));
    const repeated = missing.find(({ event }) => known.has(event.id));
    if (repeated !== undefined) throw importRefused(repeated.line, `an event with its id ${repeated.event.id} is in the log already`);
  }

  #requireNothingElse({ line }: ImportedEvent, alreadyThere: number): void {
    if (this.#headAtStart === alreadyThere) return;
    throw importRefused(
      line,
      `the log has ${this.#headAtStart} events, ${alreadyThere} of them from this import. Import into an empty log, or use --append to mix them`,
    );
  }

  /** What an append would find out: the event before the first of each stream has to be there. */
  async #requireBeginnings(firsts: readonly ImportedEvent[]): Promise<void> {
    const later = firsts.filter(({ exported }) => exported.version > 1);
    const before = await this.#target.findEventsAt(later.map(({ exported: { stream, version } }) => ({ stream, version: version - 1 })));
    const index = before.indexOf(undefined);
    const lost = later[index];
    if (lost === undefined) return;
    const { stream, version } = lost.exported;
    throw importRefused(
      lost.line,
      `it is version ${version} of ${stream}, and version ${version - 1} is neither in the log nor in the file`,
    );
  }
}
