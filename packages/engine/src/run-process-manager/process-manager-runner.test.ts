import { KirokuError } from '@kiroku/core';
import { counting, InMemoryEventStore, InMemoryProcessManagerStore, withFaults } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import type { FollowerStatus } from '../follow-log/follower-status.ts';
import { ProcessManagerRunner } from './process-manager-runner.ts';

const retry = { baseMs: 1, capMs: 3 };

describe('a runner of a process manager', () => {
  test('that is stopped while it starts holds nothing and runs no more, once that is said', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const attend = vi.spyOn(store, 'attend').mockImplementationOnce(async (options) => {
      await answered;
      return InMemoryProcessManagerStore.prototype.attend.call(store, options);
    });
    const starting = runner.start();
    await expect.poll(() => attend.mock.calls.length).toBe(1);
    const stopping = runner.stop();
    answer();
    await Promise.all([starting, stopping]);
    expect(await runner.status()).toMatchObject({ name: 'counting', state: 'stopped' });
    expect(await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 1 })).toHaveLength(4);
    await runner.start();
    expect(await runner.status()).toMatchObject({ state: 'running' });
    await runner.stop();
  });

  test('stalls from the first look that it cannot follow, however often it looks', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const unreadable = withFaults(store, ['checkpoint'], () => true);
    const told: FollowerStatus[] = [];
    const onStatus = (status: FollowerStatus) => told.push(status);
    await using runner = new ProcessManagerRunner({
      eventStore,
      store: unreadable,
      processManager: counting,
      retry,
      leaseMs: 40,
      onStatus,
    });
    await runner.start();
    await expect.poll(() => told.length).toBeGreaterThan(2);
    expect(new Set(told.map(({ state, since }) => `${state} since ${since}`)).size).toBe(1);
    await runner.stop();
    expect(await runner.status()).toMatchObject({ state: 'stopped' });
  });

  test('stands still when it finds that the log is of another history', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await runner.start();
    const { log } = await eventStore.head();
    vi.spyOn(eventStore, 'head').mockResolvedValue({ log: { ...log, timeline: log.timeline + 1 }, position: 1 });
    vi.spyOn(store, 'advance').mockRejectedValueOnce(new KirokuError('DatabaseUnavailable', 'It is restored.'));
    const started = { type: 'Started', data: { tally: 'a', upTo: 1, limit: 1 } };
    await eventStore.append({ streams: [{ stream: 'tally-a', expectedVersion: 'any', events: [started] }] });
    await expect.poll(() => runner.status()).toMatchObject({ name: 'counting', state: 'stalled', error: { code: 'LogMismatch' } });
    expect(await store.instance('counting', 'a')).toBeUndefined();
  });

  test('that cannot start holds nothing, and can be started again', async () => {
    const [eventStore, store] = [new InMemoryEventStore(), new InMemoryProcessManagerStore()];
    const refusal = new KirokuError('ConfigurationInvalid', 'the password was changed');
    vi.spyOn(store, 'checkpoint').mockRejectedValueOnce(refusal);
    await using runner = new ProcessManagerRunner({ eventStore, store, processManager: counting, retry, leaseMs: 60_000 });
    await expect(runner.start()).rejects.toBe(refusal);
    expect(await store.attend({ instance: 'another', processManagers: ['counting'], leaseMs: 60_000 })).toHaveLength(4);
    await store.leave('another');
    await runner.start();
    expect(await runner.status()).toMatchObject({ state: 'running' });
  });
});
