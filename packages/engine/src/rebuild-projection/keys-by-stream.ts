import { type FoldProjection, idOf, type RecordedEvent, type RowKey, type Table } from '@kiroku/core';

/**
 * Whether a row is by the id of the stream of its event: then all its events are in one part of the log, and parts can be folded side by side.
 * Not so sales per day, which come from many streams. Always the same column is looked at, whatever the others hold.
 */
export function isByStream(table: Table, key: RowKey, { stream }: RecordedEvent): boolean {
  const column = table.key.find((name) => table.columns[name] === 'text key');
  return column !== undefined && key[column] === idOf(stream);
}

/** Whether the rows that these events touch are all by stream. */
export function areByStream(projection: FoldProjection, events: readonly RecordedEvent[]): boolean {
  return events.every((event) => {
    try {
      const present = projection.upcast(event);
      return Object.values(projection.tables).every((table) => table.keys(present).every((key) => isByStream(table, key, event)));
    } catch {
      return true; // it is parked, or stops the rebuild, when it is folded
    }
  });
}

/** An event of a part of the log touches a row that is not of its stream, so that other parts may touch it, too. */
export class KeysNotByStream extends Error {
  readonly projection: string;

  constructor(projection: string, message: string) {
    super(message);
    this.name = 'KeysNotByStream';
    this.projection = projection;
  }
}
