import type { OutgoingCommand, ProcessChanges, ProcessInstance, TimerSetting } from '@kiroku/core';
import { expect, test } from 'vitest';
import {
  accepted,
  claim,
  command,
  fire,
  giveBack,
  log,
  type MakeProcessManagerStore,
  manager,
  none,
  type ProcessManagerStoreUnderTest,
  running,
  timer,
} from './process-manager-store-samples.ts';

const other = 'contract-other';
const ofOther = (n: number): OutgoingCommand => ({ ...command(n), processManager: other });

/** Several process managers share a store, and may know the same instances: what happens to one happens to no other. */
export function processManagersApartContract(make: MakeProcessManagerStore): void {
  test('keeps the checkpoints of process managers apart', async () => {
    await using subject = await prepared(make);
    await advance(subject, manager, none);
    await advance(subject, other, none, { position: 9 });
    const positions = () => Promise.all([manager, other].map((name) => subject.store.checkpoint(name)));
    expect(await positions()).toEqual([5, 9]);
    await expect(advance(subject, manager, none, { after: 9, position: 10 })).rejects.toMatchObject({ code: 'CheckpointConflict' });
    await advance(subject, manager, none, { after: 5, position: 7 });
    expect(await positions()).toEqual([7, 9]);
  });

  test('keeps the leases of process managers apart', async () => {
    await using subject = await prepared(make);
    await advance(subject, manager, none);
    for (const instance of ['a', 'b']) await subject.store.attend({ instance, processManagers: [other], leaseMs: 60_000 });
    expect(await subject.store.attend({ instance: 'contract', processManagers: [manager], leaseMs: 60_000 })).toHaveLength(4);
    await advance(subject, manager, none, { after: 5, position: 7 });
  });

  test('shares out the partitions of each process manager by itself, also if a process asks for several at once', async () => {
    await using subject = await prepared(make);
    const attend = async (instance: string) => {
      const leases = await subject.store.attend({ instance, processManagers: [manager, other], leaseMs: 60_000 });
      return [manager, other].map((name) => leases.filter(({ processManager }) => processManager === name).length);
    };
    for (let rounds = 0; rounds < 3; rounds++) for (const instance of ['a', 'b', 'c']) await attend(instance);
    expect([await attend('a'), await attend('b'), await attend('c')]).toEqual([
      [2, 2],
      [1, 1],
      [1, 1],
    ]);
  });

  test('gives a reaction the instances of its process manager, and changes no others', async () => {
    await using subject = await prepared(make);
    const theirs: ProcessInstance = { ...running, state: { theirs: true } };
    await advance(subject, manager, { instances: [running], commands: [command(1)] });
    await advance(subject, other, { instances: [theirs], commands: [ofOther(2)] });
    const seen: unknown[] = [];
    const see = (changes: ProcessChanges) => (instances: ReadonlyMap<string, ProcessInstance>) => {
      seen.push(...instances.values());
      return changes;
    };
    await advance(subject, manager, none, { after: 5, position: 6, react: see(none) });
    await advance(subject, other, none, { after: 5, position: 6, react: see(none) });
    const settlements = [{ command: ofOther(2), outcome: accepted }];
    await subject.store.advance({ processManager: other, partitions: [], position: 0, instances: [], settlements, react: see(none) });
    const react = (instance: ProcessInstance): ProcessChanges => {
      seen.push(instance);
      return { instances: [{ ...instance, status: 'done' }], commands: [] };
    };
    await subject.store.intervene({ processManager: other, instance: running.id, react });
    expect(seen).toEqual([running, theirs, theirs, theirs]);
    expect(await subject.instance(manager, running.id)).toEqual(running);
  });

  test('fires the timers of one process manager, and sets and cancels no others', async () => {
    await using subject = await prepared(make);
    const due = (n: number): TimerSetting => timer('due', 0, n);
    await advance(subject, other, {
      instances: [{ ...running, state: { theirs: true } }],
      commands: [],
      timers: [due(2), timer('later', 60_000, 4)],
    });
    expect(await fire(subject, none)).toEqual([]);
    const looked = await subject.store.fire({ processManager: manager, limit: 10, react: () => none });
    expect(looked).toEqual({ fired: 0 });
    await advance(subject, manager, { instances: [running], commands: [], timers: [due(1), timer('later', 60_000, 3)] });
    const cancelling: readonly TimerSetting[] = [{ instance: running.id, name: 'later', cancel: true }];
    const states: unknown[] = [];
    await subject.store.fire({
      processManager: other,
      limit: 10,
      react: (timers, instances) => {
        states.push(
          timers.map(({ id }) => id),
          [...instances.values()].map(({ state }) => state),
        );
        return { instances: [], commands: [], timers: cancelling };
      },
    });
    expect(states).toEqual([['0199f0a0-0000-7000-8000-000000000202'], [{ theirs: true }]]);
    await advance(subject, other, { instances: [{ ...running, status: 'done' }], commands: [] }, { after: 5, position: 6 });
    expect((await fire(subject, none)).map(({ id }) => id)).toEqual(['0199f0a0-0000-7000-8000-000000000201']);
    const { nextInMs = 0 } = await subject.store.fire({ processManager: manager, limit: 10, react: () => none });
    expect(nextInMs).toBeGreaterThan(30_000);
  });

  test('retries what is parked of one instance, and nothing of others, nor what is on its way', async () => {
    await using subject = await prepared(make);
    const another = { ...running, id: 'order-2' };
    await advance(subject, manager, { instances: [running, another], commands: [command(1), command(2, another.id), command(3)] });
    await advance(subject, other, { instances: [running], commands: [ofOther(4)] });
    for (const claimed of await claim(subject)) if (claimed.id !== command(3).id) await giveBack(subject, claimed);
    await subject.store.intervene({ processManager: manager, instance: running.id, react: () => none, retryParked: true });
    expect((await claim(subject)).map(({ id }) => id)).toEqual([command(1).id]);
  });

  test('forgets what has been done for long of one process manager, and nothing of others', async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, status: 'done' };
    const failed: ProcessInstance = { ...running, id: 'order-2', status: 'failed', failure: 'no stock' };
    const history = (instance: string) => [{ instance, kind: 'event', what: 'OrderPlaced' }] as const;
    await advance(subject, manager, { instances: [done, failed], commands: [], history: [...history(done.id), ...history(failed.id)] });
    await advance(subject, other, { instances: [running], commands: [ofOther(1)], history: history(running.id) });
    const [claimed] = await claim(subject);
    await giveBack(subject, claimed);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
    expect(await subject.history(manager, done.id)).toEqual([]);
    expect(await subject.history(manager, failed.id)).toHaveLength(1);
    expect(await subject.history(other, running.id)).toHaveLength(2);
    expect(await subject.command(ofOther(1).id)).toBeDefined();
    await advance(subject, other, { instances: [done], commands: [] }, { after: 5, position: 6 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
  });

  test('forgets an instance though another process manager has a command of one of that id on its way', async () => {
    await using subject = await prepared(make);
    await advance(subject, manager, { instances: [{ ...running, status: 'done' }], commands: [] });
    await advance(subject, other, { instances: [running], commands: [ofOther(1)] });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
  });

  test('forgets an instance of one process manager after that of another', async () => {
    await using subject = await prepared(make);
    for (const name of [manager, other]) await advance(subject, name, { instances: [{ ...running, status: 'done' }], commands: [] });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const pruned: number[] = [];
    for (let times = 0; times < 3; times++) pruned.push(await subject.store.prune({ doneForDays: 0, limit: 1 }));
    expect(pruned).toEqual([1, 1, 0]);
  });
}

async function prepared(make: MakeProcessManagerStore): Promise<ProcessManagerStoreUnderTest> {
  const subject = await make();
  for (const name of [manager, other]) await subject.store.prepare(name, log);
  return subject;
}

interface Advance {
  readonly after?: number;
  readonly position?: number;
  readonly react?: (instances: ReadonlyMap<string, ProcessInstance>) => ProcessChanges;
}

/** Takes all partitions of a process manager along. */
async function advance(
  { store }: ProcessManagerStoreUnderTest,
  processManager: string,
  changes: ProcessChanges,
  { after = 0, position = 5, react = () => changes }: Advance = {},
): Promise<void> {
  const leases = await store.attend({ instance: 'contract', processManagers: [processManager], leaseMs: 60_000 });
  const partitions = leases.map((lease) => ({ lease, after }));
  await store.advance({ processManager, partitions, position, instances: [running.id], react });
}
