import { KirokuError, type LogIdentity, type Projection, type ReadModelStore } from '@kiroku/core';
import { ledger, ledgerMoves, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendAll, caughtUp, deposit, foldedLog, inParts, rowsOf, stores, working } from './projection-worker.test-service.ts';
import { ProjectionWorker } from './projection-worker.ts';

describe('a projection worker', () => {
  test('shares the work with others, who take over from one that goes silent: each batch is applied once', async () => {
    await fc.assert(
      fc.asyncProperty(ledgerMoves, fc.integer({ min: 1, max: 5 }), async (moves, pageSize) => {
        const given = stores();
        const silent = withFaults<ReadModelStore>(given.readModels, ['attend'], () => true);
        const options = { ...given, projections: [inParts], pageSize };
        const one = await working({ ...options, instance: 'one' });
        await using _two = await working({ ...options, instance: 'two' });
        const [before, after] = [moves.slice(0, moves.length / 2), moves.slice(moves.length / 2)];
        await appendAll(given.eventStore, before);
        Object.assign(given.readModels, { attend: attendBy('one', given.readModels, silent) });
        await appendAll(given.eventStore, after);
        await caughtUp(given, inParts, moves.length);
        await one.stop();
        expect(await rowsOf(given.readModels, inParts)).toEqual(await foldedLog(given.eventStore));
      }),
      { numRuns: 30 },
    );
  });

  test('hands over when it stops, to another that goes on at once', async () => {
    const given = stores();
    const one = await working({ ...given, projections: [inParts], instance: 'one' });
    await using two = await working({ ...given, projections: [inParts], instance: 'two' });
    await one.stop();
    expect(one.status()).toMatchObject({ state: 'stopped', partitions: [] });
    await expect.poll(() => two.status().partitions.length).toBe(3);
  });

  test('starts while its database is away, and catches up when it is back', async () => {
    const given = stores();
    let away = true;
    const readModels = withFaults<ReadModelStore>(given.readModels, ['prepare'], () => away);
    await using worker = await working({ ...given, readModels, projections: [ledger] });
    expect(worker.status()).toMatchObject({ partitions: [], error: { code: 'DatabaseUnavailable' } });
    away = false;
    await expect.poll(() => worker.status().partitions).toMatchObject([{ state: 'running' }]);
    expect(worker.status().error).toBeUndefined();
  });

  test('runs the others while one cannot be prepared', async () => {
    const given = stores();
    const other = { ...ledger, name: 'other' };
    let away = true;
    const prepare = async (projection: Projection, log: LogIdentity) => {
      if (away || projection === other) throw new KirokuError(away ? 'DatabaseUnavailable' : 'DefinitionInvalid', projection.name);
      await given.readModels.prepare(projection, log);
    };
    await using worker = await working({ ...given, projections: [ledger, other], prepare });
    away = false;
    await appendAll(given.eventStore, [deposit('ann')]);
    await caughtUp(given, ledger, 1);
    expect(worker.status()).toMatchObject({ partitions: [{ name: 'contract-ledger' }], error: { code: 'DefinitionInvalid' } });
  });

  test('does not start on a definition that cannot work', async () => {
    const given = stores();
    given.readModels.prepare = async () => {
      throw new KirokuError('DefinitionInvalid', 'no');
    };
    await expect(working({ ...given, projections: [ledger] })).rejects.toMatchObject({ code: 'DefinitionInvalid' });
  });

  test('follows a build that becomes ready beside the one that is read, and stops what is paused', async () => {
    const given = stores();
    await using worker = await working({ ...given, projections: [ledger] });
    await appendAll(given.eventStore, [deposit('ann')]);
    await given.readModels.addBuild(ledger, (await given.eventStore.head()).log);
    await expect.poll(async () => (await given.readModels.checkpoints(ledger, 2))[0]?.position).toBe(1);
    expect(await given.readModels.rows(ledger, 'account', 2)).toMatchObject([{ id: 'ann', balance: 1 }]);
    await given.readModels.setPaused(ledger, true);
    await expect.poll(() => worker.status().partitions).toEqual([]);
  });

  test('that is stopped while it starts runs no more once that is said, and holds nothing', async () => {
    const given = stores();
    let prepare = (): void => undefined;
    const prepared = new Promise<void>((resolve) => {
      prepare = resolve;
    });
    const worker = new ProjectionWorker({ ...given, instance: 'one', projections: [ledger], prepare: () => prepared });
    const starting = worker.start();
    const stopping = worker.stop();
    prepare();
    await Promise.all([starting, stopping]);
    expect(worker.status()).toMatchObject({ state: 'stopped', partitions: [] });
  });

  test('stops, and can be started again', async () => {
    const given = stores();
    const worker = await working({ ...given, projections: [ledger] });
    await worker.stop();
    await appendAll(given.eventStore, [{ type: 'SomethingElse', data: {} }]);
    expect(await given.readModels.checkpoint(ledger)).toBe(0);
    await worker.start();
    await caughtUp(given, ledger, 1);
    await worker.stop();
  });
});

/** From now on this instance is silent. */
function attendBy(silent: string, alive: ReadModelStore, faulty: ReadModelStore): ReadModelStore['attend'] {
  const attend = alive.attend.bind(alive);
  return (attendance) => (attendance.instance === silent ? faulty.attend(attendance) : attend(attendance));
}
