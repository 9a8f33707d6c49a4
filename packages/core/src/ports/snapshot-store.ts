import type { JsonValue } from '../json.ts';
import type { StreamName } from '../stream.ts';

/** Which state: a snapshot kept under any other key is not of use. */
export interface SnapshotKey {
  readonly stream: StreamName;
  /** Name of the aggregate. */
  readonly aggregate: string;
  readonly stateVersion: number;
  /** The event types and schema versions that the state was made with. */
  readonly events: string;
}

/** A state, and where in its stream it stood. */
export interface Snapshot {
  /** Version of the last event in it. */
  readonly version: number;
  /** Id of that event: shows that the stream is still the same. */
  readonly eventId: string;
  readonly state: JsonValue;
}

/** A cache of states. Whatever gets lost or damaged costs time and nothing else. See the contract suite in @kiroku/testing. */
export interface SnapshotStore {
  /** What was saved last under this key, unless it has been lost or damaged since. */
  load(key: SnapshotKey): Promise<Snapshot | undefined>;
  /** Keeps it in place of the one before. The state must be plain JSON. */
  save(key: SnapshotKey, snapshot: Snapshot): Promise<void>;
}
