import type { LogPart, ParkedEvent, Projection, Row } from '@kiroku/core';
import { MemoryFold } from './memory-fold.ts';
import type { RowSum } from './row-digest.ts';
import type { Share } from './share.ts';

/** Where a fold in several passes is. */
export interface FoldProgress {
  readonly fold: MemoryFold;
  /** Of the log, that is folded. Default: all of it. */
  readonly part?: LogPart;
  /** The keys that are folded, if not all are, and the position that they are folded to. */
  readonly only?: OnlyKeys;
  /** Nothing is left to be folded. Default false. */
  readonly done?: boolean;
  /** Shares of the keys that are still to be folded. */
  readonly pending: readonly Share[];
  /** What was parked in the shares that are done. */
  readonly parked: readonly ParkedEvent[];
  /** The rows of the shares that are done, by table. */
  readonly sums: { readonly [table: string]: RowSum };
}

export interface OnlyKeys {
  /** By table, as `rowKeyText`. */
  readonly keys: { readonly [table: string]: ReadonlySet<string> };
  readonly until: number;
}

type Line =
  | { readonly only: { readonly table: string; readonly keys: readonly string[] } }
  | {
      readonly fold: {
        readonly share: Share;
        readonly position: number;
        readonly events: number;
        readonly pending: readonly Share[];
        readonly sums: FoldProgress['sums'];
        readonly part?: LogPart;
        readonly onlyUntil?: number;
        readonly done?: boolean;
      };
    }
  | { readonly done: ParkedEvent }
  | { readonly parked: ParkedEvent }
  | { readonly table: string; readonly rows: readonly Row[] };

const rowsPerLine = 500;
const keysPerLine = 5_000;

/** All of it as lines of JSON, to go on from after a crash. */
export async function* progressLines({ fold, part, only, done, pending, parked, sums }: FoldProgress): AsyncGenerator<string> {
  const { share, position, events } = fold;
  for (const [table, keys] of Object.entries(only?.keys ?? {})) {
    for (const page of pagesOf(keys, keysPerLine)) yield text({ only: { table, keys: page } });
  }
  const more = { ...(part && { part }), ...(only && { onlyUntil: only.until }), ...(done && { done }) };
  yield text({ fold: { share, position, events, pending, sums, ...more } });
  for (const event of parked) yield text({ done: event });
  for (const event of fold.parked()) yield text({ parked: event });
  for (const { name, rows } of fold.tables) {
    for (const page of pagesOf(rows.values(), rowsPerLine)) yield text({ table: name, rows: page });
  }
}

function* pagesOf<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let page: T[] = [];
  for (const item of items) {
    if (page.push(item) < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** What `progressLines` wrote; `undefined` if there are no lines. */
export async function readProgress(projection: Projection, lines: AsyncIterable<string>): Promise<FoldProgress | undefined> {
  let progress: (FoldProgress & { readonly parked: ParkedEvent[] }) | undefined;
  const keys = Object.fromEntries(Object.keys(projection.tables).map((name) => [name, new Set<string>()]));
  for await (const text of lines) {
    const line = JSON.parse(text) as Line; // written above
    if ('only' in line) for (const key of line.only.keys) keys[line.only.table]?.add(key);
    else if ('fold' in line) progress = begun(projection, line.fold, keys);
    else if (progress !== undefined) restore(progress, line);
  }
  return progress;
}

function begun(
  projection: Projection,
  { share, position, events, pending, sums, part, onlyUntil, done }: Extract<Line, { fold: unknown }>['fold'],
  keys: OnlyKeys['keys'],
): FoldProgress & { readonly parked: ParkedEvent[] } {
  const only = onlyUntil === undefined ? undefined : { keys, until: onlyUntil };
  const fold = new MemoryFold({ projection, share, ...(part && { part }), ...(only && { only: only.keys }) });
  Object.assign(fold, { position, events });
  return { fold, pending, sums, parked: [], ...(part && { part }), ...(only && { only }), ...(done && { done }) };
}

function restore(
  { fold, parked }: { readonly fold: MemoryFold; readonly parked: ParkedEvent[] },
  line: Exclude<Line, { fold: unknown } | { only: unknown }>,
): void {
  if ('done' in line) {
    parked.push(line.done);
    return;
  }
  const name = 'table' in line ? line.table : line.parked.table;
  const table = fold.tables.find((candidate) => candidate.name === name);
  if ('parked' in line) table?.restoreParked(line.parked);
  else for (const row of line.rows) table?.restore(row);
}

function text(line: Line): string {
  return JSON.stringify(line);
}
