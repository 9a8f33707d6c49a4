import type { ParkedEvent, Projection, Row } from '@kiroku/core';
import { MemoryFold } from './memory-fold.ts';
import type { RowSum } from './row-digest.ts';
import type { Share } from './share.ts';

/** Where a fold in several passes is. */
export interface FoldProgress {
  readonly fold: MemoryFold;
  /** Shares of the keys that are still to be folded. */
  readonly pending: readonly Share[];
  /** What was parked in the shares that are done. */
  readonly parked: readonly ParkedEvent[];
  /** The rows of the shares that are done, by table. */
  readonly sums: { readonly [table: string]: RowSum };
}

type Line =
  | {
      readonly fold: {
        readonly share: Share;
        readonly position: number;
        readonly events: number;
        readonly pending: readonly Share[];
        readonly sums: FoldProgress['sums'];
      };
    }
  | { readonly done: ParkedEvent }
  | { readonly parked: ParkedEvent }
  | { readonly table: string; readonly rows: readonly Row[] };

const rowsPerLine = 500;

/** All of it as lines of JSON, to go on from after a crash. */
export async function* progressLines({ fold, pending, parked, sums }: FoldProgress): AsyncGenerator<string> {
  const { share, position, events } = fold;
  yield text({ fold: { share, position, events, pending, sums } });
  for (const event of parked) yield text({ done: event });
  for (const event of fold.parked()) yield text({ parked: event });
  for (const { name, rows } of fold.tables) {
    let page: Row[] = [];
    for (const row of rows.values()) {
      if (page.push(row) < rowsPerLine) continue;
      yield text({ table: name, rows: page });
      page = [];
    }
    if (page.length > 0) yield text({ table: name, rows: page });
  }
}

/** What `progressLines` wrote; `undefined` if there are no lines. */
export async function readProgress(projection: Projection, lines: AsyncIterable<string>): Promise<FoldProgress | undefined> {
  let progress: (FoldProgress & { readonly parked: ParkedEvent[] }) | undefined;
  for await (const text of lines) {
    const line = JSON.parse(text) as Line; // written above
    if ('fold' in line) {
      const fold = Object.assign(new MemoryFold({ projection, share: line.fold.share }), {
        position: line.fold.position,
        events: line.fold.events,
      });
      progress = { fold, pending: line.fold.pending, sums: line.fold.sums, parked: [] };
    } else if (progress !== undefined) restore(progress, line);
  }
  return progress;
}

function restore(
  { fold, parked }: { readonly fold: MemoryFold; readonly parked: ParkedEvent[] },
  line: Exclude<Line, { fold: unknown }>,
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
