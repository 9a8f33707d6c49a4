import type { JsonValue, Snapshot, SnapshotKey, SnapshotStore } from '@kiroku/core';
import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import { snapshotChecksum } from './snapshot-checksum.ts';

interface SnapshotRow {
  readonly version: number;
  readonly event_id: string;
  readonly state: string;
  readonly checksum: Buffer;
}

/** Snapshots beside the log, in event_store. */
export class PostgresSnapshotStore implements SnapshotStore {
  readonly #pool: Pool;

  /** The pool, made with `createPool`, may be shared with the event store and is the caller's to end. */
  constructor({ pool }: { readonly pool: Pool }) {
    this.#pool = pool;
  }

  async load(key: SnapshotKey): Promise<Snapshot | undefined> {
    const [row] = await rowsOf<SnapshotRow>(this.#pool, 'snapshots/load_snapshot', [key.stream, key.aggregate, key.stateVersion]);
    if (row === undefined) return undefined;
    const { version, event_id: eventId, state, checksum } = row;
    if (!snapshotChecksum(key, { version, eventId, state }).equals(checksum)) return undefined; // damaged, or made with other events
    return { version, eventId, state: JSON.parse(state) as JsonValue }; // the checksum says it is what was saved
  }

  async save(key: SnapshotKey, { version, eventId, state }: Snapshot): Promise<void> {
    const text = JSON.stringify(state);
    const checksum = snapshotChecksum(key, { version, eventId, state: text });
    await rowsOf(this.#pool, 'snapshots/save_snapshot', [key.stream, key.aggregate, key.stateVersion, version, eventId, text, checksum]);
  }
}
