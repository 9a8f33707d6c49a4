import { counting, InMemoryEventStore, InMemoryProcessManagerStore } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import { ProcessManagerRunner } from './process-manager-runner.ts';

const retry = { baseMs: 1, capMs: 3 };

describe('while a batch takes long, of which another process gets a part', () => {
  test('the leases that stay are renewed, and what they hold is followed once the batch is done', async () => {
    await using given = await givingUp();
    const before = given.renewals();
    await expect.poll(given.renewals).toBeGreaterThan(before + 3);
    expect(given.advance).toHaveBeenCalledOnce(); // nobody else works on the same
    given.finish();
    await expect.poll(given.atHead).toBe(2);
    expect(await given.runner.status()).toMatchObject({ state: 'running', lag: 0 });
  });

  test.each([false, true])('who stops waits for it, also if all of it stays: %s', async (all) => {
    await using given = await givingUp({ all });
    const stopped = vi.fn();
    const stopping = given.runner.stop().then(stopped);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stopped).not.toHaveBeenCalled();
    given.finish();
    await stopping;
    expect(given.advance).toHaveBeenCalledOnce();
  });
});

/** A runner with a batch in hand that does not end by itself, of all partitions: half of them has another process by now, unless all stay. */
async function givingUp({ all = false } = {}) {
  const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
  const advance = vi.spyOn(store, 'advance');
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  advance.mockImplementationOnce(async (batch) => {
    await finished;
    return InMemoryProcessManagerStore.prototype.advance.call(store, batch);
  });
  const attend = vi.spyOn(store, 'attend');
  const another = async () => (await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 60_000 })).length;
  const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 200, instance: 'one' });
  await runner.start();
  const streams = 'abcdefghijklmnop'.split('').map((id) => ({
    stream: `tally-${id}` as const, // some in each partition
    expectedVersion: 'any' as const,
    events: [{ type: 'Started', data: { tally: id, upTo: 1, limit: 1 } }],
  }));
  const { position } = await eventStore.append({ streams });
  await expect.poll(() => advance.mock.calls.length).toBe(1);
  if (!all) await expect.poll(another).toBe(2);
  return {
    runner,
    advance,
    finish,
    renewals: () => attend.mock.calls.filter(([{ instance }]) => instance === 'one').length,
    atHead: async () => {
      const positions = await Promise.all([0, 1, 2, 3].map((partition) => store.checkpoint('counting', partition)));
      return positions.filter((at) => at === position).length;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      finish();
      await runner.stop();
    },
  };
}
