import type { EventMetadata, JsonObject, RecordedEvent, StreamName } from '@kiroku/core';
import { timestampText } from '../column-values.ts';

/** A row of sql/read/read_log.sql, in rowMode `array`: the page or a piece of it. Without a count if it is too large. */
export type LogPieceRow = CountedPieceRow | [head: number, count: null, ...nothing: Nothing, after?: number | null];

export type CountedPieceRow =
  | [head: number, count: 0, ...nothing: Nothing, after?: number | null]
  | [
      head: number,
      count: number,
      positions: readonly number[],
      streams: string,
      versions: readonly number[],
      ids: string,
      types: readonly string[],
      schemaVersions: readonly number[],
      data: string,
      metadata: string,
      tags: { readonly [position: string]: readonly string[] } | null,
      recordedAt: Buffer,
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
  const [, count, positions, streamTexts, versions, idTexts, types, schemaVersions, dataTexts, metadataTexts, tags, times] = piece;
  const streams = linesOf(streamTexts) as readonly StreamName[]; // as they were appended
  const ids = JSON.parse(`["${idTexts}"]`) as readonly string[]; // separated as JSON has them
  const data = JSON.parse(`[${dataTexts}]`) as readonly JsonObject[]; // what was appended
  const metadata = JSON.parse(`[${metadataTexts}]`) as readonly EventMetadata[]; // likewise
  let [time, recordedAt] = [Number.NaN, ''];
  for (let index = 0; index < count; index++) {
    const next = microseconds(times, index);
    if (next !== time) [time, recordedAt] = [next, timestampText(next)]; // often that of the event before
    const position = positions[index];
    const event = {
      position,
      stream: streams[index],
      version: versions[index],
      id: ids[index],
      type: types[index],
      schemaVersion: schemaVersions[index],
      data: data[index],
      metadata: metadata[index],
      tags: (position !== undefined && tags?.[position]) || noTags,
      recordedAt,
    };
    events.push(event as RecordedEvent); // each list has `count` items
  }
}

/** The lines of a text, copied. */
function linesOf(text: string): readonly string[] {
  const escaped = text.includes('"') || text.includes('\\');
  const json = escaped ? JSON.stringify(text.split('\n')) : `["${text.replaceAll('\n', '","')}"]`;
  return JSON.parse(json) as string[];
}

function microseconds(times: Buffer, index: number): number {
  return times.readInt32BE(index * 8) * 2 ** 32 + times.readUInt32BE(index * 8 + 4);
}

function isCounted(row: LogPieceRow): row is CountedPieceRow {
  return row[1] !== null;
}
