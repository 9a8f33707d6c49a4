import type { EventMetadata, JsonObject, RecordedEvent, StreamName } from '@kiroku/core';
import { parseTimestamp } from '../column-values.ts';

/** The row of sql/read/read_log.sql, in rowMode `array`; without a count if the page is too large. */
export type LogPageRow = CountedPageRow | [head: number, count: null, ...nothing: null[]];

export type CountedPageRow =
  | [head: number, count: 0, positions: null, ...nothing: null[]]
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
    ];

const noTags: readonly string[] = [];

export function isCounted(row: LogPageRow): row is CountedPageRow {
  return row[1] !== null;
}

/**
 * The events of a page. Their texts come out of `JSON.parse`, which copies them: a part cut out of a long text would keep all of it in memory
 * for as long as it is a column of a row.
 */
export function eventsOfPage(row: CountedPageRow): readonly RecordedEvent[] {
  if (row[2] === null) return [];
  const [, count, positions, streams, versions, idTexts, types, schemaVersions, dataTexts, metadataTexts, tags, timeTexts] = row;
  const ids = parseQuoted(idTexts);
  const times = parseQuoted(timeTexts);
  const data = JSON.parse(`[${dataTexts}]`) as readonly JsonObject[]; // what was appended
  const metadata = JSON.parse(`[${metadataTexts}]`) as readonly EventMetadata[]; // likewise
  const events: RecordedEvent[] = [];
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
  return events;
}

/** A list of ids or times, which hold nothing that JSON escapes. */
function parseQuoted(list: string): readonly string[] {
  return JSON.parse(`["${list.replaceAll(',', '","')}"]`) as string[];
}
