import type { EventMetadata, JsonObject, RecordedEvent, StreamName } from '@kiroku/core';
import { parseTimestamp } from '../column-values.ts';

/** A row of sql/read/read_log.sql, in rowMode `array`: the page or a piece of it. Without a count if it is too large. */
export type LogPieceRow = CountedPieceRow | [head: number, count: null, ...nothing: Nothing, after?: number | null];

export type CountedPieceRow =
  | [head: number, count: 0, ...nothing: Nothing, after?: number | null]
  | [
      head: number,
      count: number,
      positions: readonly number[],
      streams: readonly StreamName[],
      versions: readonly number[],
      ids: string,
      types: readonly string[],
      schemaVersions: readonly number[],
      data: string,
      metadata: string,
      tags: readonly (readonly string[] | null)[],
      recordedAt: string,
      after?: number,
    ];

type Nothing = [null, null, null, null, null, null, null, null, null, null];

const noTags: readonly string[] = [];

/** The pieces before one that is too large, and where they end: at the head, if that comes before the last position. `undefined` if there are none. */
export function endOf(
  pieces: readonly LogPieceRow[],
  last: number,
): { readonly whole: readonly CountedPieceRow[]; readonly position: number } | undefined {
  const tooLarge = pieces.findIndex((piece) => !isCounted(piece));
  const whole = (tooLarge < 0 ? pieces : pieces.slice(0, tooLarge)).filter(isCounted);
  const [first] = whole;
  if (first === undefined) return undefined;
  return { whole, position: startOf(pieces[tooLarge]) ?? Math.min(last, first[0]) };
}

/** The position that a piece comes after. */
export function startOf(piece: LogPieceRow | undefined): number | undefined {
  return piece?.[12] ?? undefined;
}

/**
 * The events of pieces. Their texts come out of `JSON.parse`, which copies them: a part cut out of a long text would keep all of it in memory
 * for as long as it is a column of a row.
 */
export function eventsOf(pieces: readonly CountedPieceRow[]): readonly RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const piece of pieces) if (piece[2] !== null) addEvents(events, piece);
  return events;
}

function addEvents(events: RecordedEvent[], piece: Exclude<CountedPieceRow, { readonly 2: null }>): void {
  const [, count, positions, streams, versions, idTexts, types, schemaVersions, dataTexts, metadataTexts, tags, timeTexts] = piece;
  const ids = parseQuoted(idTexts);
  const times = parseQuoted(timeTexts);
  const data = JSON.parse(`[${dataTexts}]`) as readonly JsonObject[]; // what was appended
  const metadata = JSON.parse(`[${metadataTexts}]`) as readonly EventMetadata[]; // likewise
  let [time, recordedAt] = ['', ''];
  for (let index = 0; index < count; index++) {
    const next = times[index] ?? '';
    if (next !== time) [time, recordedAt] = [next, parseTimestamp(next)]; // often that of the event before
    const event = {
      position: positions[index],
      stream: streams[index],
      version: versions[index],
      id: ids[index],
      type: types[index],
      schemaVersion: schemaVersions[index],
      data: data[index],
      metadata: metadata[index],
      tags: tags[index] ?? noTags,
      recordedAt,
    };
    events.push(event as RecordedEvent); // each list has `count` items
  }
}

/** A list of ids or times, which hold nothing that JSON escapes. */
function parseQuoted(list: string): readonly string[] {
  return JSON.parse(`["${list.replaceAll(',', '","')}"]`) as string[];
}

function isCounted(row: LogPieceRow): row is CountedPieceRow {
  return row[1] !== null;
}
