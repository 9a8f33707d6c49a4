import type { ProcessManager } from '@kiroku/core';
import { counting, InMemoryEventStore, InMemoryProcessManagerStore, tally, withFaults } from '@kiroku/testing';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { ProcessManagerRunner, sharedLog } from './process-manager-runner.ts';

const retry = { baseMs: 1, capMs: 3 };

describe('process managers at work', () => {
  test('go on with all partitions but one whose events they fail on, and with this one too when they do not any more', async () => {
    await using broken = await withABrokenPartition();
    await using _ = await broken.run();
    for (const id of broken.all) await broken.start(id);
    await expect.poll(broken.atHead).toBe(3);
    expect(await broken.status()).toMatchObject({ state: 'stalled', error: { message: expect.stringContaining('a bug') } });
    await broken.start('q'); // of whatever partition
    broken.mend();
    await expect.poll(broken.atHead).toBe(4);
    expect((await broken.status()).state).toBe('running');
    expect(await broken.store.instance('counting', 'a')).toBeDefined();
    const advance = vi.spyOn(broken.store, 'advance');
    const together = async () => {
      await broken.start(uuid());
      return advance.mock.lastCall?.[0].partitions.length;
    };
    await expect.poll(together).toBe(4);
  });

  test('go on with all others at once, long before they look at their leases again', async () => {
    await using broken = await withABrokenPartition(600_000);
    await using _ = await broken.run();
    for (const id of broken.all) await broken.start(id);
    await expect.poll(broken.atHead).toBe(3);
  });

  test('say nothing of where they are while their database is away', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const away = withFaults(store, ['attend', 'prepare', 'checkpoint'], () => true);
    await using runner = new ProcessManagerRunner({ eventStore, store: away, processManager: counting, retry });
    await runner.start();
    expect(await runner.status()).toMatchObject({ state: 'stalled', position: undefined, lag: undefined });
  });

  test('begin when their database is there, and say so', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    let isAway = true;
    const away = withFaults(store, ['attend', 'prepare', 'checkpoint'], () => isAway);
    await using runner = new ProcessManagerRunner({ eventStore, store: away, processManager: counting, retry, leaseMs: 40 });
    await runner.start();
    const state = async () => (await runner.status()).state;
    expect(await state()).toBe('stalled');
    isAway = false;
    await expect.poll(state).toBe('running');
    const data = { tally: 'a', upTo: 1, limit: 1 };
    await createCommandHandler({ aggregates: [tally], eventStore })({ type: 'Start', data, id: uuid(), at: '', metadata: {} });
    await expect.poll(() => store.instance('counting', 'a')).toBeDefined();
  });

  test('that share a reading of the log are each shown what they listen to', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const silent: ProcessManager = { ...counting, name: 'silent', eventTypes: ['Complained'] };
    const managers = [silent, counting];
    const log = sharedLog(eventStore, managers, { retry });
    log.start();
    const runners = managers.map(
      (processManager) => new ProcessManagerRunner({ eventStore, store, processManager, log, retry, leaseMs: 40 }),
    );
    for (const runner of runners) await runner.start();
    const data = { tally: 'a', upTo: 1, limit: 1 };
    await createCommandHandler({ aggregates: [tally], eventStore })({ type: 'Start', data, id: uuid(), at: '', metadata: {} });
    await expect.poll(() => store.instance('counting', 'a')).toBeDefined();
    for (const runner of runners) await runner.stop();
    await log.stop();
  });

  test('stand still, and say so, if only one partition is beyond the end of the log', async () => {
    await using broken = await withABrokenPartition();
    const { log } = await broken.eventStore.head();
    await broken.store.prepare('counting', log);
    const [, lease] = await broken.store.attend({ instance: 'before', processManagers: ['counting'], leaseMs: 1_000 });
    const partitions = lease === undefined ? [] : [{ lease, after: 0 }];
    const nothing = () => ({ instances: [], commands: [] });
    await broken.store.advance({ processManager: 'counting', partitions, position: 9, instances: [], react: nothing });
    await broken.store.leave('before');
    await using _ = await broken.run();
    await broken.start('b');
    await expect.poll(broken.status).toMatchObject({ state: 'stalled', error: { code: 'LogMismatch' } });
    expect(await broken.store.checkpoint('counting')).toBe(0);
  });

  test.each([
    ['a little', 100],
    ['far', 11_000],
  ])('start anew with one that they fail on and that is %s behind, and hold up no other', async (_how, behind) => {
    await using broken = await withABrokenPartition();
    await broken.start('a');
    {
      await using _ = await broken.run();
      for (const id of broken.all.slice(1)) await broken.start(id);
      await broken.grow(behind);
      await expect.poll(broken.atHead).toBe(3);
    }
    await using _ = await broken.run();
    for (const id of 'qrstuvwx'.split('')) await broken.start(id);
    await expect.poll(broken.atHead).toBe(3);
    broken.mend();
    await expect.poll(broken.atHead, { timeout: 5_000 }).toBe(4);
  });
});

/** A process manager that fails on what happens to the tally "a", until that is mended. */
async function withABrokenPartition(leaseMs = 40) {
  const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
  let isBroken = true;
  const processManager: ProcessManager = {
    ...counting,
    react: (state, event) => {
      if (isBroken && event.stream === 'tally-a') throw new Error('a bug');
      return counting.react(state, event);
    },
  };
  const send = createCommandHandler({ aggregates: [tally], eventStore });
  const started: ProcessManagerRunner[] = [];
  return {
    store,
    eventStore,
    all: 'abcdefghijklmnop'.split(''), // some in each partition
    run: async () => {
      const runner = new ProcessManagerRunner({ eventStore, store, processManager, retry, pageSize: 3, leaseMs });
      started.push(runner);
      await runner.start();
      return runner;
    },
    status: async () => (await started.at(-1)?.status()) ?? { state: 'none' },
    start: (of: string) => {
      const data = { tally: of, upTo: 1, limit: 1 };
      return send({ type: 'Start', data, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} });
    },
    /** Events that concern no process manager. */
    grow: async (count: number) => {
      for (let left = count; left > 0; left -= 1_000) {
        const events = Array.from({ length: Math.min(left, 1_000) }, () => ({ type: 'Complained', data: { tally: 'z' } }));
        await eventStore.append({ streams: [{ stream: 'tally-z', expectedVersion: 'any', events }] });
      }
    },
    /** How many partitions have come to the end of the log. */
    atHead: async () => {
      const { position } = await eventStore.head();
      const positions = await Promise.all([0, 1, 2, 3].map((partition) => store.checkpoint('counting', partition)));
      return positions.filter((at) => at === position).length;
    },
    mend: () => {
      isBroken = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const runner of started) await runner.stop();
    },
  };
}
