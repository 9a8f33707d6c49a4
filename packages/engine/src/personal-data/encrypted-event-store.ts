import {
  type AppendRequest,
  type AppendResult,
  type EventDefinitions,
  type EventStore,
  isKirokuError,
  type KeyStore,
  type LogPage,
  type SubscribeOptions,
} from '@kiroku/core';
import { decryptEvents } from './decrypt-events.ts';
import { concernsPersonal, encryptAppend, personalByType } from './encrypt-append.ts';
import { type KeyCacheOptions, KeyRing } from './key-ring.ts';

export interface EncryptedEventStoreOptions {
  /** Whose events declare personal fields. */
  readonly aggregates: readonly { readonly events: EventDefinitions }[];
  readonly keys: KeyStore;
  readonly keyCache?: KeyCacheOptions;
}

/**
 * The event store as an application sees it: personal fields stand encrypted in the log beneath, and are read as they were written, or as
 * placeholders once their subject is forgotten. Throws `SubjectForgotten`, `KeyMissing`, `EventDamaged` and `KeyStoreUnavailable` besides.
 */
export function encryptedEventStore(eventStore: EventStore, options: EncryptedEventStoreOptions): EventStore {
  const personal = personalByType(options.aggregates);
  const ring = new KeyRing(options.keys, options.keyCache);
  const readable = async (page: LogPage): Promise<LogPage> => {
    const events = await decryptEvents(page.events, ring);
    return events === page.events ? page : { ...page, events };
  };
  return {
    append: (request) =>
      concernsPersonal(request, personal)
        ? appendEncrypted(eventStore, request, () => encryptAppend(request, personal, ring))
        : eventStore.append(request),
    readStream: async (stream, reading) => decryptEvents(await eventStore.readStream(stream, reading), ring),
    query: async (query) => readable(await eventStore.query(query)),
    readLog: async (reading) => readable(await eventStore.readLog(reading)),
    subscribe: (subscribing) => readablePages(eventStore, subscribing, readable),
    head: () => eventStore.head(),
    positionAt: (time) => eventStore.positionAt(time),
    findCommand: (idempotency) => eventStore.findCommand(idempotency),
  };
}

/** A command that took effect before its subject was forgotten is still answered with its first result. */
async function appendEncrypted(
  eventStore: EventStore,
  request: AppendRequest,
  encrypt: () => Promise<AppendRequest>,
): Promise<AppendResult> {
  let encrypted: AppendRequest;
  try {
    encrypted = await encrypt();
  } catch (error) {
    const first =
      request.idempotency && isKirokuError(error, 'SubjectForgotten') ? await eventStore.findCommand(request.idempotency) : undefined;
    if (first === undefined) throw error;
    return first;
  }
  return eventStore.append(encrypted);
}

async function* readablePages(
  eventStore: EventStore,
  options: SubscribeOptions | undefined,
  readable: (page: LogPage) => Promise<LogPage>,
): AsyncGenerator<LogPage> {
  for await (const page of eventStore.subscribe(options)) yield await readable(page);
}
