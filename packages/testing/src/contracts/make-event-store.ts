import type { EventStore } from '@kiroku/core';

/** Makes a store with an empty log; the tests dispose of it. */
export type MakeEventStore = () => Promise<EventStore & AsyncDisposable>;
