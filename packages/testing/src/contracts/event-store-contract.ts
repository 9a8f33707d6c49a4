import { describe } from 'vitest';
import { appendContract } from './append-contract.ts';
import { concurrencyContract } from './concurrency-contract.ts';
import { followingContract } from './following-contract.ts';
import { idempotencyContract } from './idempotency-contract.ts';
import type { MakeEventStore } from './make-event-store.ts';
import { readingContract } from './reading-contract.ts';
import { subscriptionContract } from './subscription-contract.ts';

/** Registers the tests every event store must pass: each promise of the port, also under concurrency. */
export function eventStoreContract(name: string, makeStore: MakeEventStore): void {
  describe(`${name} keeps the contract of the event store`, () => {
    appendContract(makeStore);
    idempotencyContract(makeStore);
    readingContract(makeStore);
    subscriptionContract(makeStore);
    concurrencyContract(makeStore);
    followingContract(makeStore);
  });
}
