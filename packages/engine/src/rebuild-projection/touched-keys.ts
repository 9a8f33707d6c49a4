import type { EventStore, Projection } from '@kiroku/core';
import { distinctKeys } from '../run-projection/check-keys.ts';
import { readPages } from './read-pages.ts';

export interface TouchedKeysOptions {
  readonly eventStore: EventStore;
  readonly projection: Projection;
  /** Position to start after. */
  readonly after: number;
  readonly until: number;
  /** The keys are added to these sets, by table, as `rowKeyText`. */
  readonly into: { readonly [table: string]: Set<string> };
  readonly signal?: AbortSignal;
  readonly onPage?: (position: number) => Promise<void> | void;
}

/** Which rows the events of a stretch of the log touch. Events whose keys cannot be told touch none: they are parked when they are folded. */
export async function touchedKeys({ projection, into, onPage, ...stretch }: TouchedKeysOptions): Promise<void> {
  const tables = Object.entries(projection.tables);
  for await (const { events, position } of readPages({ ...stretch, types: projection.eventTypes })) {
    for (const event of events) {
      const present = projection.upcast(event);
      for (const [name, table] of tables) {
        for (const keyText of keyTexts(() => distinctKeys(`${projection.name}.${name}`, table, table.keys(present))))
          into[name]?.add(keyText);
      }
    }
    await onPage?.(position);
  }
}

function keyTexts(keys: () => ReadonlyMap<string, unknown>): Iterable<string> {
  try {
    return keys().keys();
  } catch {
    return [];
  }
}
