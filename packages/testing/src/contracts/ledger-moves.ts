import type { DomainEvent, JsonObject, RecordedEvent } from '@kiroku/core';
import fc from 'fast-check';

/** Random events of the sample ledger: few accounts, so that they meet. */
export const ledgerMoves: fc.Arbitrary<readonly DomainEvent<string, JsonObject>[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: move('Deposited', { account: account(), amount: amount() }) },
    { weight: 4, arbitrary: move('Transferred', { account: account(), to: account(), amount: amount() }) },
    { weight: 1, arbitrary: move('AccountClosed', { account: account() }) },
    { weight: 1, arbitrary: move('SomethingElse', {}) },
  ),
  { maxLength: 60 },
);

/** An event as it would stand in the log at this position. */
export function recordedAs(position: number, { type, data }: DomainEvent<string, JsonObject>): RecordedEvent {
  return {
    position,
    stream: `account-${typeof data.account === 'string' ? data.account : 'none'}`,
    version: 1,
    id: `0199f0a0-0000-7000-8000-${String(position).padStart(12, '0')}`,
    type,
    schemaVersion: 1,
    data,
    metadata: {},
    tags: [],
    recordedAt: new Date(Date.UTC(2026, 10, 24, position)).toISOString().replace('Z', '000Z'),
  };
}

function move(
  type: string,
  data: { readonly [field: string]: fc.Arbitrary<string | number> },
): fc.Arbitrary<DomainEvent<string, JsonObject>> {
  return fc.record(data).map((values) => ({ type, data: values }));
}

function account(): fc.Arbitrary<string> {
  return fc.constantFrom('ann', 'bob', 'cid');
}

function amount(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 100 });
}
