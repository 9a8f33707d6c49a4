import { type EventStore, KirokuError, type ProcessManager } from '@kiroku/core';
import { counting, InMemoryEventStore, InMemoryProcessManagerStore, tally, tallyEffects, withFaults } from '@kiroku/testing';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { describe, expect, test, vi } from 'vitest';
import type { CommandHandler } from '../handle-command/command-result.ts';
import { createCommandHandler } from '../handle-command/create-command-handler.ts';
import { CommandDelivery, type CommandDeliveryOptions } from './command-delivery.ts';
import type { OutsideCalls } from './outside-call.ts';
import { ProcessManagerRunner } from './process-manager-runner.ts';

const retry = { baseMs: 1, capMs: 3 };

describe('process managers at work', () => {
  test('make every command take effect once, whatever fails and however often it is delivered', async () => {
    const tallies = fc.array(fc.record({ upTo: fc.integer({ min: 1, max: 6 }), limit: fc.nat(6) }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(tallies, fc.infiniteStream(fc.nat(4)), async (starts, dice) => {
        const chance = (): boolean => dice.next().value === 0;
        const work = await atWork({ leaseMs: 2, copies: 2, chance });
        await using _ = work;
        for (const [n, start] of starts.entries()) await work.start(`${n}`, start.upTo, start.limit);
        await work.settled();
        for (const [n, { upTo, limit }] of starts.entries()) {
          const accepted = Math.min(upTo, limit);
          expect(await work.effects(`${n}`)).toEqual({ Started: 1, Counted: accepted, Complained: upTo - accepted });
          expect(await work.instance(`${n}`)).toEqual({
            id: `${n}`,
            state: { upTo, counted: accepted, refused: upTo - accepted },
            status: 'done',
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  test('keep trying a command that meets a fault, and show the error', async () => {
    let broken = true;
    const faults: unknown[] = [];
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (broken && sent.type === 'Count') throw new KirokuError('BadRequest', 'wrong data');
        return handle(sent);
      };
    await using work = await atWork({ guard, delivery: { parkAfter: 1_000, onFault: (error) => faults.push(error) } });
    await work.start('a', 1, 1);
    await expect.poll(() => faults.length).toBeGreaterThan(2);
    const [id] = await work.store.unsettled();
    expect((await work.store.command(id ?? ''))?.lastError).toBe('BadRequest: wrong data');
    broken = false;
    await work.settled();
    expect((await work.instance('a'))?.status).toBe('done');
  });

  test('try a command again after the wait, also if the clock of the store is an hour behind', async () => {
    let faults = 0;
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (sent.type === 'Count' && ++faults < 3) throw new KirokuError('ServiceUnavailable', 'not now');
        return handle(sent);
      };
    await using work = await atWork({ guard, now: () => Date.now() - 3_600_000 });
    await work.start('a', 1, 1);
    await work.settled();
    expect((await work.instance('a'))?.status).toBe('done');
  });

  test('park a command whose fault no repetition mends, and deliver it when somebody retries it', async () => {
    let broken = true;
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (broken && sent.type === 'Count') throw new KirokuError('BadRequest', 'wrong data');
        return handle(sent);
      };
    await using work = await atWork({ guard, delivery: { parkAfter: 3 } });
    await work.start('a', 1, 1);
    const parked = async () => (await work.store.history('counting', 'a')).filter(({ kind }) => kind === 'parked');
    await expect.poll(parked).toMatchObject([{ what: 'Count: BadRequest: wrong data' }]);
    broken = false;
    const react = () => ({ instances: [], commands: [] });
    await work.store.intervene({ processManager: 'counting', instance: 'a', react, retryParked: true });
    await work.settled();
    expect((await work.instance('a'))?.status).toBe('done');
  });

  test('never park a command whose fault may pass', async () => {
    let faults = 0;
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (sent.type === 'Count' && ++faults < 10) throw new KirokuError('ServiceUnavailable', 'not now');
        return handle(sent);
      };
    await using work = await atWork({ guard, delivery: { parkAfter: 3 } });
    await work.start('a', 1, 1);
    await work.settled();
    expect((await work.instance('a'))?.status).toBe('done');
  });

  test('stop after what is being delivered', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let delivering = false;
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (sent.type === 'Count') {
          delivering = true;
          await held;
        }
        return handle(sent);
      };
    const work = await atWork({ guard });
    await work.start('a', 1, 1);
    await expect.poll(() => delivering).toBe(true);
    let hasStopped = false;
    const stopped = work[Symbol.asyncDispose]().then(() => {
      hasStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(hasStopped).toBe(false);
    release();
    await stopped;
    expect(await work.store.unsettled()).toEqual([]);
    expect(await work.effects('a')).toMatchObject({ Counted: 1 });
  });

  test('deliver a command once, though that takes longer than a claim lasts', async () => {
    let [now, delivered] = [0, 0];
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        if (sent.type === 'Count') {
          delivered++;
          while (now < 120) {
            const before = renew.mock.calls.length;
            await expect.poll(() => renew.mock.calls.length).toBeGreaterThan(before);
            now += 40; // by the clock of the store, however busy the machine is
          }
        }
        return handle(sent);
      };
    await using work = await atWork({ guard, leaseMs: 60, copies: 2, now: () => now });
    const renew = vi.spyOn(work.store, 'renew');
    await work.start('a', 1, 1);
    await work.settled();
    expect(delivered).toBe(1);
  });

  test('refuse a call that none of their commands asks for', () => {
    const options = {
      store: new InMemoryProcessManagerStore(),
      processManagers: [counting],
      handle: async () => Promise.reject(new Error()),
    };
    const misspelt = { Coumt: async () => ({ type: 'Count', data: {} }) };
    const told = expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringContaining('"Coumt"') });
    expect(() => new CommandDelivery({ ...options, calls: misspelt })).toThrow(told);
  });

  test('tell a call that an earlier try of the same may have made it', async () => {
    const told: boolean[] = [];
    const calls: OutsideCalls = {
      Count: async ({ data }, { repeated }) => {
        told.push(repeated);
        return { type: 'Count', data };
      },
    };
    const again = { ...counting, tryOf: () => 2 };
    await using work = await atWork({ processManager: again, delivery: { calls } });
    await work.start('a', 1, 3);
    await work.settled();
    expect(told).toEqual([true]);
  });

  test('handle no more commands at the same time than allowed', async () => {
    let now = 0;
    let most = 0;
    const guard =
      (handle: CommandHandler): CommandHandler =>
      async (sent) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 1));
        now--;
        return handle(sent);
      };
    await using work = await atWork({ guard, delivery: { concurrency: 3 } });
    await work.start('a', 20, 20);
    await work.settled();
    expect(most).toBe(3);
  });

  test('deliver what they send at once, without looking for it', async () => {
    await using work = await atWork({ delivery: { pollMs: 3_600_000, concurrency: 100 } });
    const claim = vi.spyOn(work.store, 'claim');
    await work.start('a', 30, 20);
    await work.settled();
    expect(await work.effects('a')).toEqual({ Started: 1, Counted: 20, Complained: 10 });
    expect(claim).not.toHaveBeenCalled();
  });

  test('look for what there was no room for', async () => {
    await using work = await atWork({ delivery: { pollMs: 3_600_000, concurrency: 4 } });
    await work.start('a', 30, 20);
    await work.settled();
    expect(await work.effects('a')).toEqual({ Started: 1, Counted: 20, Complained: 10 });
  });

  test('give back a command of a process manager that is not known here', async () => {
    const faults: unknown[] = [];
    await using work = await atWork({ delivery: { processManagers: [], onFault: (error) => faults.push(error) } });
    await work.start('a', 1, 1);
    await expect.poll(() => faults[0]).toMatchObject({ code: 'DefinitionInvalid' });
    expect(await work.store.unsettled()).toHaveLength(1);
  });

  test('begin to follow a partition at the next look if they could not at first', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const [attend, checkpoint] = [store.attend.bind(store), store.checkpoint.bind(store)];
    let [looks, refusals] = [0, 0];
    store.attend = async (attendance) => (looks++ === 0 ? [] : attend(attendance)); // another process has it all at first
    store.checkpoint = async (name, partition) => {
      if (partition === undefined || refusals++ > 0) return checkpoint(name, partition);
      throw new KirokuError('ConfigurationInvalid', 'the password was changed');
    };
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 40 });
    await runner.start();
    const send = createCommandHandler({ aggregates: [tally], eventStore });
    const all = 'abcdefghijklmnop'.split(''); // some in each partition
    for (const id of all) {
      await send({ type: 'Start', data: { tally: id, upTo: 1, limit: 1 }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} });
    }
    const begun = async () => (await Promise.all(all.map((id) => store.instance('counting', id)))).flatMap((each) => each?.id ?? []);
    await expect.poll(begun, { timeout: 15_000 }).toEqual(all);
    expect(refusals).toBeGreaterThan(1);
  });
});

interface Work {
  /** Runners and deliveries, as if in so many processes. Default 1. */
  readonly copies?: number;
  readonly leaseMs?: number;
  /** The clock of the store. Default: that of the process. */
  readonly now?: () => number;
  /** Should the next call fail? Default: never. */
  readonly chance?: () => boolean;
  readonly guard?: (handle: CommandHandler) => CommandHandler;
  readonly delivery?: Partial<CommandDeliveryOptions>;
  /** Default: the tally's. */
  readonly processManager?: ProcessManager;
}

async function atWork({
  copies = 1,
  leaseMs = 1_000,
  now = Date.now,
  chance = () => false,
  guard = (handle) => handle,
  delivery = {},
  processManager = counting,
}: Work) {
  const eventStore = new InMemoryEventStore();
  const store = new InMemoryProcessManagerStore({ now });
  const faultyEvents = withFaults<EventStore>(eventStore, ['append', 'readStream', 'head', 'findCommand'], chance);
  const faultyStore = withFaults(store, ['prepare', 'checkpoint', 'attend', 'advance', 'claim', 'giveBack'], chance);
  const handle = createCommandHandler({ aggregates: [tally], eventStore: faultyEvents, maxAttempts: 100, conflictPauseMs: () => 0 });
  const running: AsyncDisposable[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const deliveries = new CommandDelivery({
      store: faultyStore,
      processManagers: [processManager],
      handle: guard(handle),
      leaseMs,
      pollMs: 2,
      retry,
      ...delivery,
    });
    const options = { eventStore: faultyEvents, store: faultyStore, processManager, retry, pageSize: 3, leaseMs: 40 };
    const runner = new ProcessManagerRunner({ ...options, delivery: deliveries });
    await runner.start();
    deliveries.start();
    running.push(runner, deliveries);
  }
  const send = createCommandHandler({ aggregates: [tally], eventStore });
  return {
    store,
    start: (id: string, upTo: number, limit: number) =>
      send({ type: 'Start', data: { tally: id, upTo, limit }, id: uuid(), at: '2026-11-24T10:00:00.000Z', metadata: {} }),
    instance: (id: string) => store.instance('counting', id),
    settled: () =>
      expect
        .poll(
          async () => {
            const [position, head, unsettled] = [
              await store.checkpoint('counting'),
              (await eventStore.head()).position,
              await store.unsettled(),
            ];
            return position === head && unsettled.length === 0;
          },
          { interval: 2, timeout: 15_000 },
        )
        .toBe(true),
    effects: (id: string) => tallyEffects(eventStore, id),
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
