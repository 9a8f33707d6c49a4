import { KirokuError } from '@kiroku/core';
import { type JobDefinition, runClaimedJob } from '@kiroku/engine';
import { ledger } from '@kiroku/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deposits, type LedgerWorld, ledgerWorld } from '../projection-rebuild/ledger-world.test-service.ts';
import { rebuildJob } from '../projection-rebuild/rebuild-job.ts';
import { projectionVerifyJob } from '../projection-verify/projection-verify-job.ts';

const wanted = { projections: [{ name: ledger.name, version: ledger.version }] };
const events = 6_000;

describe('a job that meets a fault at the same place of the log each time', () => {
  let world: LedgerWorld;
  let reads = 0;
  beforeAll(async () => {
    world = await ledgerWorld();
    await world.append(deposits(events, 10));
    await world.follow();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** As the world's, but that the log cannot be read beyond its middle. */
  function open() {
    const stores = world.open();
    const readLog: typeof stores.events.readLog = async (options) => {
      if ((options?.after ?? 0) < events / 2) return stores.events.readLog(options);
      reads += 1;
      throw new KirokuError('DatabaseUnavailable', 'It is away.');
    };
    return { ...stores, events: { ...stores.events, readLog }, log: { head: stores.log.head.bind(stores.log), readLog } };
  }

  const jobs: readonly JobDefinition<typeof wanted, never>[] = [rebuildJob(open), projectionVerifyJob(open)];
  test.each(jobs.map((definition) => [definition.verb, definition] as const))('fails after its attempts: %s', async (verb, definition) => {
    reads = 0;
    const { jobs: store } = world.stores;
    const job = await store.create({ id: uuidv7(), verb, arguments: wanted, createdBy: 'ada' }, { owner: 'tests', leaseMs: 10_000 });
    const end = await runClaimedJob(job, definition as never, { store, retry: { baseMs: 1, capMs: 1 } }); // with the arguments of its own job
    expect(end).toMatchObject({ state: 'failed', error: { code: 'DatabaseUnavailable' } });
    expect(reads).toBe(6);
    expect((await store.job(job.id)).progress?.done).toBeLessThan(events);
  });
});
