import type { ProcessChanges, ProcessInstance, ProcessStep } from '@kiroku/core';
import { expect, test, vi } from 'vitest';
import {
  accepted,
  advance,
  claim,
  command,
  fail,
  fire,
  giveBack,
  leaseOf,
  log,
  type MakeProcessManagerStore,
  manager,
  none,
  outcomesAlone,
  prepared,
  running,
  timer,
} from './process-manager-store-samples.ts';

/** What a batch changes, it changes together; and instances are kept as long as they are needed. */
export function processInstancesContract(make: MakeProcessManagerStore): void {
  test('starts at position 0, and may be prepared again', async () => {
    await using subject = await prepared(make);
    await subject.store.prepare(manager, log);
    expect(await subject.store.checkpoint(manager)).toBe(0);
  });

  test('refuses another log, and another timeline of the same', async () => {
    await using subject = await prepared(make);
    for (const other of [
      { ...log, timeline: 2 },
      { id: '0199f0a0-0000-7000-8000-000000000002', timeline: 1 },
    ]) {
      await expect(subject.store.prepare(manager, other)).rejects.toMatchObject({ code: 'LogMismatch' });
    }
  });

  test('writes instances, commands, history and checkpoint together', async () => {
    await using subject = await prepared(make);
    const steps = ['OrderPlaced', 'OrderPaid', 'OrderShipped'].map((what, n): ProcessStep => {
      return { instance: 'order-1', kind: 'event', what, reference: `e-${n}` };
    });
    await advance(subject, { instances: [running], commands: [command(1)], history: steps });
    expect(await subject.store.checkpoint(manager, 0)).toBe(5);
    expect(await subject.instance(manager, 'order-1')).toEqual(running);
    expect(await subject.history(manager, 'order-1')).toEqual(steps);
    expect(await claim(subject)).toEqual([{ ...command(1), attempts: 1 }]);
  });

  test('gives the reaction the instances as they are', async () => {
    await using subject = await prepared(make);
    const failed: ProcessInstance = { ...running, status: 'failed', failure: 'no stock' };
    await advance(subject, { instances: [failed], commands: [] });
    const react = vi.fn(() => none);
    const instances = ['order-1', 'order-2'];
    const partitions = [{ lease: await leaseOf(subject), after: 5 }];
    await subject.store.advance({ processManager: manager, partitions, position: 6, instances, react });
    expect(react).toHaveBeenCalledExactlyOnceWith(new Map([['order-1', failed]]), []);
  });

  test('writes nothing when the checkpoint is not where the batch begins, or the reaction fails', async () => {
    await using subject = await prepared(make);
    const lease = await leaseOf(subject);
    const begun = { instances: [running], commands: [] };
    const batch = { processManager: manager, position: 9, instances: [], react: () => begun };
    const wrong = { ...batch, partitions: [{ lease, after: 1 }] };
    await expect(subject.store.advance(wrong)).rejects.toMatchObject({ code: 'CheckpointConflict' });
    const failing = { ...batch, partitions: [{ lease, after: 0 }], react: () => fail() };
    await expect(subject.store.advance(failing)).rejects.toThrow('the reaction failed');
    expect(await subject.store.checkpoint(manager)).toBe(0);
    expect(await subject.instance(manager, 'order-1')).toBeUndefined();
  });

  test('leaves timers, commands and history as they are when the checkpoint is not where the batch begins', async () => {
    await using subject = await prepared(make);
    const other: ProcessInstance = { ...running, id: 'order-2' };
    const timers = [timer('cancelled', 0), timer('set anew', 0, 2), { ...timer('of what ends', 0, 3), instance: other.id }];
    await advance(subject, { instances: [running, other], commands: [], timers });
    const changes: ProcessChanges = {
      instances: [{ ...other, status: 'done' }],
      commands: [command(1)],
      timers: [{ instance: running.id, name: 'cancelled', cancel: true }, timer('set anew', 60_000, 4)],
      history: [{ instance: running.id, kind: 'event', what: 'OrderPlaced' }],
    };
    await expect(advance(subject, changes, 1)).rejects.toMatchObject({ code: 'CheckpointConflict' });
    expect((await fire(subject, none)).map(({ name }) => name).sort()).toEqual(['cancelled', 'of what ends', 'set anew']);
    expect([await claim(subject), await subject.history(manager, running.id)]).toEqual([[], []]);
  });

  test('advances once when several try, however far each of them got', async () => {
    await using subject = await prepared(make);
    const lease = await leaseOf(subject);
    const reach = (position: number): Promise<unknown> => {
      const react = (): ProcessChanges => ({ instances: [running], commands: [command(position)] });
      return subject.store.advance({ processManager: manager, partitions: [{ lease, after: 0 }], position, instances: ['order-1'], react });
    };
    const tries = await Promise.allSettled([5, 6, 7, 8, 9].map(reach));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await claim(subject)).toHaveLength(1);
  });

  test('lets an operator change an instance, and says if there is none', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [] });
    const react = (instance: ProcessInstance): ProcessChanges => ({ instances: [{ ...instance, status: 'done' }], commands: [] });
    expect(await subject.store.intervene({ processManager: manager, instance: 'order-1', react })).toBe(true);
    expect((await subject.instance(manager, 'order-1'))?.status).toBe('done');
    expect(await subject.store.intervene({ processManager: manager, instance: 'order-2', react })).toBe(false);
  });

  test('deletes commands and history of instances that have been done for long, and of no others', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, id: 'order-2', status: 'done' };
    const history = (instance: string): ProcessStep => ({ instance, kind: 'event', what: 'OrderPlaced', reference: 'e-1' });
    const commands = [command(1), command(2, done.id)];
    await advance(subject, { instances: [running, done], commands, history: [history('order-1'), history('order-2')] });
    const settlements = commands.map((each) => ({ command: each, outcome: accepted }));
    await subject.store.advance({ ...outcomesAlone, settlements, react: () => none });
    expect(await subject.store.prune({ doneForDays: 1, limit: 10 })).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(0);
    expect(await subject.history(manager, 'order-2')).toEqual([]);
    expect(await subject.history(manager, 'order-1')).toHaveLength(1);
    expect(await Promise.all(commands.map(async ({ id }) => (await subject.command(id))?.outcome))).toEqual([accepted, undefined]);
    expect(await subject.instance(manager, 'order-2')).toEqual(done);
  });

  test('forgets so many at a time, those first that ended first', async () => {
    await using subject = await prepared(make);
    const ended = (id: string): ProcessChanges => ({
      instances: [{ ...running, id, status: 'done' }],
      commands: [],
      history: [{ instance: id, kind: 'event', what: 'A' }],
    });
    await advance(subject, ended('order-2'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    await advance(subject, ended('order-1'), 5);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 1 })).toBe(1);
    const left = await Promise.all(['order-1', 'order-2'].map((id) => subject.history(manager, id)));
    expect(left.map((history) => history.length)).toEqual([1, 0]);
  });

  test('forgets in time what came of an instance after the rest was forgotten', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, status: 'done' };
    const history = [{ instance: done.id, kind: 'event', what: 'CameLate' }] as const;
    const prune = (doneForMs: number) => subject.store.prune({ doneForDays: doneForMs / 86_400_000, limit: 10 });
    await advance(subject, { instances: [done], commands: [], history });
    await expect.poll(() => prune(1_000), { timeout: 10_000 }).toBe(1);
    await advance(subject, { instances: [done], commands: [], history }, 5);
    expect(await prune(1_000)).toBe(0); // it is kept as long as the rest was
    expect(await subject.history(manager, done.id)).toHaveLength(1);
    await expect.poll(() => prune(0)).toBe(1);
    expect(await subject.history(manager, done.id)).toEqual([]);
  });

  test('forgets in time what an operator did to an instance after the rest was forgotten', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, status: 'done' };
    const prune = (doneForMs: number) => subject.store.prune({ doneForDays: doneForMs / 86_400_000, limit: 10 });
    await advance(subject, { instances: [done], commands: [] });
    await expect.poll(() => prune(0)).toBe(1);
    const react = (): ProcessChanges => ({ ...none, history: [{ instance: done.id, kind: 'operator', what: 'retry' }] });
    await subject.store.intervene({ processManager: manager, instance: done.id, react });
    expect(await prune(60_000)).toBe(0); // it is kept as long as the rest was
    expect(await subject.history(manager, done.id)).toHaveLength(1);
    await expect.poll(() => prune(0)).toBe(1);
    expect(await subject.history(manager, done.id)).toEqual([]);
    expect(await subject.instance(manager, done.id)).toEqual(done);
  });

  test('forgets what is parked of an instance that has been done for long', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, status: 'done' };
    await advance(subject, { instances: [done], commands: [command(1)] });
    const [claimed] = await claim(subject, 1);
    await giveBack(subject, claimed);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
    expect(await subject.command(command(1).id)).toBeUndefined();
  });

  test('forgets nothing of an instance while a command of it is on its way, and all when that has its outcome', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, status: 'done' };
    const history = (what: string) => [{ instance: done.id, kind: 'accepted', what }] as const;
    await advance(subject, { instances: [done], commands: [command(1), command(2)], history: history('A') });
    const settle = (n: number) => {
      const react = (): ProcessChanges => ({ ...none, history: history('B') });
      return subject.store.advance({ ...outcomesAlone, settlements: [{ command: command(n), outcome: accepted }], react });
    };
    const prune = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return subject.store.prune({ doneForDays: 0, limit: 10 });
    };
    await settle(1);
    expect(await prune()).toBe(0);
    expect(await subject.command(command(1).id)).toBeDefined();
    await settle(2);
    expect(await prune()).toBe(1);
    expect(await Promise.all([1, 2].map((n) => subject.command(command(n).id)))).toEqual([undefined, undefined]);
    expect(await subject.history(manager, done.id)).toEqual([]);
  });
}
