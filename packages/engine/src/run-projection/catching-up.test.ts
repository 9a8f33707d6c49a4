import type { ReadModelStore } from '@kiroku/core';
import { ledger, ledgerMoves, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendAll, caughtUp, foldedLog, inParts, rowsOf, stores, working } from './projection-worker.test-service.ts';

describe('a projection worker', () => {
  test('builds what the events amount to one at a time, each once, whatever fails before or after it is done', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.infiniteStream(fc.nat(3)), fc.integer({ min: 1, max: 9 }), async (moves, dice, pageSize) => {
        const given = stores();
        const methods = ['prepare', 'attend', 'checkpoints', 'apply'] as const;
        const readModels = withFaults<ReadModelStore>(given.readModels, methods, () => dice.next().value === 0);
        await using _worker = await working({ ...given, readModels, projections: [inParts], pageSize });
        await appendAll(given.eventStore, moves);
        await caughtUp(given, inParts, moves.length);
        expect(await rowsOf(given.readModels, inParts)).toEqual(await foldedLog(given.eventStore));
      }),
      { numRuns: 60 },
    );
  });

  test('reads the log once for all of its projections', async () => {
    const given = stores();
    const others = ['b', 'c', 'd'].map((name) => ({ ...ledger, name }));
    let pages = 0;
    const subscribe = given.eventStore.subscribe.bind(given.eventStore);
    given.eventStore.subscribe = async function* (options) {
      for await (const page of subscribe(options)) {
        pages++;
        yield page;
      }
    };
    await using _worker = await working({ ...given, projections: [ledger, ...others] });
    await appendAll(given.eventStore, [{ type: 'Deposited', data: { account: 'ann', amount: 1 } }]);
    for (const each of [ledger, ...others]) await caughtUp(given, each, 1);
    expect(pages).toBe(1);
  });

  test('brings up one that is far behind beside those at the end', async () => {
    const given = stores();
    await using _first = await working({ ...given, projections: [ledger], pageSize: 2, instance: 'one' });
    const moves = Array.from({ length: 57 }, () => ({ type: 'Deposited', data: { account: 'ann', amount: 1 } }));
    await appendAll(given.eventStore, moves);
    await caughtUp(given, ledger, 57);
    const second = { ...ledger, name: 'second' };
    await using _second = await working({ ...given, projections: [second], pageSize: 2, instance: 'two' });
    await appendAll(given.eventStore, moves);
    await caughtUp(given, second, 114);
    expect(await rowsOf(given.readModels, second)).toEqual(await foldedLog(given.eventStore));
  });

  test('moves on over events it does not know', async () => {
    const given = stores();
    await using worker = await working({ ...given, projections: [ledger] });
    await appendAll(given.eventStore, [{ type: 'SomethingElse', data: {} }]);
    await caughtUp(given, ledger, 1);
    await expect.poll(() => worker.status().partitions).toMatchObject([{ name: 'contract-ledger', state: 'running', position: 1 }]);
  });
});
