import { createHash } from 'node:crypto';
import type { SnapshotKey } from '@kiroku/core';

/** Binds a kept state to its key, the events it was made with and its place in the stream: a row with anything else in it does not fit. */
export function snapshotChecksum(
  { stream, aggregate, stateVersion, events }: SnapshotKey,
  { version, eventId, state }: { readonly version: number; readonly eventId: string; readonly state: string },
): Buffer {
  const parts = [stream, aggregate, stateVersion, events, version, eventId.toLowerCase(), state];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}
