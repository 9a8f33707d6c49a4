import type { CheckedAppend, CheckedEvent, CheckedStreamAppend } from '@kiroku/core';
import { eventDigest } from '../chain/event-digest.ts';
import { newEventId } from './event-id.ts';

/** An event with all that can be known of it before the append lock. */
export interface PreparedEvent extends CheckedEvent {
  /** The caller's id, or one of ours. */
  readonly storedId: string;
  readonly digest: Buffer;
}

export interface PreparedAppend extends CheckedAppend {
  readonly streams: readonly (CheckedStreamAppend & { readonly events: readonly PreparedEvent[] })[];
}

/** Gives the events their ids and digests: here, while batches before it are on their way, and not under the lock. */
export function prepareAppend(append: CheckedAppend): PreparedAppend {
  const streams = append.streams.map(({ stream, expectedVersion, events }) => ({
    stream,
    expectedVersion,
    events: events.map((event) => prepareEvent(stream, event)),
  }));
  return { ...append, streams };
}

function prepareEvent(stream: string, event: CheckedEvent): PreparedEvent {
  const { id: ownId, type, schemaVersion, data, metadata, tags } = event;
  const id = ownId ?? newEventId();
  const digest = eventDigest({ id, stream, type, schemaVersion, tags, data, metadata });
  return { id: ownId, storedId: id, type, schemaVersion, data, metadata, tags, digest };
}
