import type { Snapshot, SnapshotKey, SnapshotStore } from '@kiroku/core';

/** Snapshots in memory, as text, for tests and examples. */
export class InMemorySnapshotStore implements SnapshotStore {
  readonly #snapshots = new Map<string, string>();

  async load(key: SnapshotKey): Promise<Snapshot | undefined> {
    const text = this.#snapshots.get(textOf(key));
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Snapshot); // written by save
    } catch {
      return undefined;
    }
  }

  async save(key: SnapshotKey, snapshot: Snapshot): Promise<void> {
    this.#snapshots.set(textOf(key), JSON.stringify(snapshot));
  }

  /** Leaves of the snapshot what nobody can read. */
  damage(key: SnapshotKey): void {
    this.#snapshots.set(textOf(key), '{"version":');
  }

  get size(): number {
    return this.#snapshots.size;
  }
}

function textOf({ stream, aggregate, stateVersion, events }: SnapshotKey): string {
  return JSON.stringify([stream, aggregate, stateVersion, events]);
}
