import type { KeyStore, RecordedEvent } from '@kiroku/core';
import { decryptEvents } from './decrypt-events.ts';
import { type KeyCacheOptions, KeyRing } from './key-ring.ts';

/** Makes the function that decrypts stored events, for whoever reads the log without an application. Throws what reading through one does. */
export function readableEvents(
  keys: KeyStore,
  keyCache?: KeyCacheOptions,
): (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]> {
  const ring = new KeyRing(keys, keyCache);
  return (events) => decryptEvents(events, ring);
}
