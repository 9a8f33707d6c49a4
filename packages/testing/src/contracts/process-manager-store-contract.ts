import type {
  ClaimedCommand,
  Claiming,
  CommandOutcome,
  DueTimer,
  LogIdentity,
  OutgoingCommand,
  ProcessChanges,
  ProcessInstance,
  ProcessLease,
  ProcessManagerStore,
  ProcessStep,
  TimerSetting,
} from '@kiroku/core';
import { describe, expect, test, vi } from 'vitest';

/** A store under test, with a way to look into it. */
export interface ProcessManagerStoreUnderTest extends AsyncDisposable {
  readonly store: ProcessManagerStore;
  instance(processManager: string, id: string): Promise<ProcessInstance | undefined>;
  history(processManager: string, instance: string): Promise<readonly ProcessStep[]>;
  command(id: string): Promise<{ readonly outcome?: CommandOutcome; readonly lastError?: string } | undefined>;
}

const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
const manager = 'contract-saga';
const running: ProcessInstance = { id: 'order-1', state: { step: 1, note: '日本', list: [null, true] }, status: 'running' };
const accepted: CommandOutcome = { accepted: true, position: 42 };

/** Registers the tests of what the port promises. */
export function processManagerStoreContract(name: string, make: () => Promise<ProcessManagerStoreUnderTest>): void {
  describe(`${name} as a process-manager store`, () => {
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
      const step: ProcessStep = { instance: 'order-1', kind: 'event', what: 'OrderPlaced', reference: 'e-1' };
      await advance(subject, { instances: [running], commands: [command(1)], history: [step] });
      expect(await subject.store.checkpoint(manager, 0)).toBe(5);
      expect(await subject.instance(manager, 'order-1')).toEqual(running);
      expect(await subject.history(manager, 'order-1')).toEqual([step]);
      expect(await claim(subject)).toEqual([{ ...command(1), attempts: 1 }]);
    });

    test('gives the reaction the instances as they are', async () => {
      await using subject = await prepared(make);
      const failed: ProcessInstance = { ...running, status: 'failed', failure: 'no stock' };
      await advance(subject, { instances: [failed], commands: [] });
      const react = vi.fn(() => none);
      const instances = ['order-1', 'order-2'];
      await subject.store.advance({ lease: await leaseOf(subject), after: 5, position: 6, instances, react });
      expect(react).toHaveBeenCalledExactlyOnceWith(new Map([['order-1', failed]]));
    });

    test('writes nothing when the checkpoint is not where the batch begins, or the reaction fails', async () => {
      await using subject = await prepared(make);
      const wrong = {
        lease: await leaseOf(subject),
        after: 1,
        position: 9,
        instances: [],
        react: () => ({ instances: [running], commands: [] }),
      };
      await expect(subject.store.advance(wrong)).rejects.toMatchObject({ code: 'CheckpointConflict' });
      await expect(subject.store.advance({ ...wrong, after: 0, react: () => fail() })).rejects.toThrow('the reaction failed');
      expect(await subject.store.checkpoint(manager)).toBe(0);
      expect(await subject.instance(manager, 'order-1')).toBeUndefined();
    });

    test('advances once when several try, however far each of them got', async () => {
      await using subject = await prepared(make);
      const lease = await leaseOf(subject);
      const reach = (position: number): Promise<unknown> => {
        const react = (): ProcessChanges => ({ instances: [running], commands: [command(position)] });
        return subject.store.advance({ lease, after: 0, position, instances: ['order-1'], react });
      };
      const tries = await Promise.allSettled([5, 6, 7, 8, 9].map(reach));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await claim(subject)).toHaveLength(1);
    });

    test('sends a command once, however often it is put on its way', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      await advance(subject, { instances: [running], commands: [command(1), command(2)] }, 5);
      expect((await claim(subject)).map(({ id }) => id)).toEqual([command(1).id, command(2).id]);
    });

    test('gives a due command to one claimant, oldest first', async () => {
      await using subject = await prepared(make);
      const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
      await advance(subject, { instances: [running], commands: numbers.map((n) => command(n)) });
      expect((await claim(subject, 2)).map(({ id }) => id)).toEqual([1, 2].map((n) => command(n).id));
      const claims = await Promise.all(Array.from({ length: 9 }, () => claim(subject, 2)));
      const ids = claims.flat().map(({ id }) => id);
      expect(ids.sort()).toEqual(numbers.slice(2).map((n) => command(n).id));
      expect(await claim(subject)).toEqual([]);
    });

    test('gives who puts commands on their way as many of them as it asks for, and nobody else those', async () => {
      await using subject = await prepared(make);
      const terms = { limit: () => 2, leaseMs: 60_000 };
      const commands = [command(1), command(2), command(3)];
      expect(await advance(subject, { instances: [running], commands }, 0, terms)).toEqual([
        { ...command(1), attempts: 1 },
        { ...command(2), attempts: 1 },
      ]);
      expect((await claim(subject)).map(({ id }) => id)).toEqual([command(3).id]);
      expect(await advance(subject, { instances: [running], commands }, 5, terms)).toEqual([]);
      const settling = { processManager: manager, settlements: [{ command: command(1), outcome: accepted }], claim: terms };
      const settled = await subject.store.settle({ ...settling, react: () => ({ instances: [], commands: [command(4)] }) });
      expect(settled).toEqual([{ ...command(4), attempts: 1 }]);
      expect(await claim(subject)).toEqual([]);
    });

    test('gives a command to another when the claim lapses, whoever made it', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] }, 0, { limit: () => 1, leaseMs: 1 });
      await expect.poll(() => claim(subject)).toMatchObject([{ id: command(1).id, attempts: 2 }]);
    });

    test('gives a command to another when the claim lapses', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      await claim(subject, 1, 1);
      await expect.poll(() => claim(subject)).toMatchObject([{ id: command(1).id, attempts: 2 }]);
    });

    test('records outcomes with what the instances make of them, once', async () => {
      await using subject = await prepared(make);
      const other = { ...running, id: 'order-2' };
      await advance(subject, { instances: [running, other], commands: [command(1), command(2, 'order-2')] });
      const settlements = (await claim(subject)).map((claimed) => ({ command: claimed, outcome: accepted }));
      const settling: Settling = {
        processManager: manager,
        settlements,
        react: (fresh, instances) => ({
          instances: [...instances.values()].map((each) => ({ ...each, state: { step: Number(each.state.step) + fresh.length } })),
          commands: [command(3)],
        }),
      };
      await Promise.all(
        [settling, { ...settling, settlements: settlements.slice(0, 1) }, settling].map((each) => subject.store.settle(each)),
      );
      const steps = await Promise.all(['order-1', 'order-2'].map((id) => subject.instance(manager, id)));
      expect(steps.map((each) => each?.state.step)).toEqual([3, 3]);
      expect((await subject.command(command(1).id))?.outcome).toEqual(accepted);
      expect((await claim(subject)).map(({ id }) => id)).toEqual([command(3).id]);
    });

    test('gives a command back with its error, due again later', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [claimed] = await claim(subject);
      await giveBack(subject, claimed, Date.now() + 60_000);
      expect((await subject.command(command(1).id))?.lastError).toBe('out of order');
      expect(await claim(subject)).toEqual([]);
    });

    test('gives a command that was given back to the next when it is due', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [claimed] = await claim(subject);
      await giveBack(subject, claimed, Date.now() - 1);
      await expect.poll(() => claim(subject)).toEqual([{ ...command(1), attempts: 2 }]);
    });

    test('ignores a command given back by an outdated claim, or after it was settled', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [first] = await claim(subject, 1, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const [second] = await claim(subject);
      await giveBack(subject, first, Date.now() - 1);
      expect(await claim(subject)).toEqual([]);
      await subject.store.settle({ processManager: manager, settlements: [{ command: command(1), outcome: accepted }], react: () => none });
      await giveBack(subject, second, Date.now() - 1);
      expect(await claim(subject)).toEqual([]);
    });

    test('parks a command that is given back without a time, until somebody retries it', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [{ ...command(1), label: 'mine' }] });
      const [claimed] = await claim(subject);
      await giveBack(subject, claimed);
      expect(await claim(subject)).toEqual([]);
      expect(await subject.history(manager, 'order-1')).toMatchObject([{ kind: 'parked', what: 'ReserveStock: out of order' }]);
      const retried = { processManager: manager, instance: 'order-1', react: () => none, retryParked: true };
      expect(await subject.store.intervene(retried)).toBe(true);
      expect(await claim(subject)).toMatchObject([{ id: command(1).id, label: 'mine', attempts: 1 }]);
    });

    test('lets an operator change an instance, and says if there is none', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [] });
      const react = (instance: ProcessInstance): ProcessChanges => ({ instances: [{ ...instance, status: 'done' }], commands: [] });
      expect(await subject.store.intervene({ processManager: manager, instance: 'order-1', react })).toBe(true);
      expect((await subject.instance(manager, 'order-1'))?.status).toBe('done');
      expect(await subject.store.intervene({ processManager: manager, instance: 'order-2', react })).toBe(false);
    });
  });
  timerContract(name, make);
  partitionContract(name, make);
}

function timerContract(name: string, make: () => Promise<ProcessManagerStoreUnderTest>): void {
  describe(`${name} as a store of timers`, () => {
    test('fires a timer when it is due, once, with what the instance makes of it', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [], timers: [timer('late', 0), timer('later', 60_000)] });
      const fired = await fire(subject, { instances: [], commands: [command(1)] });
      expect(fired.map((each) => [each.instance, each.name, each.metadata])).toEqual([['order-1', 'late', { correlationId: 'c-1' }]]);
      expect(await fire(subject, none)).toEqual([]);
      expect(await claim(subject)).toHaveLength(1);
    });

    test('says how long it is until the next', async () => {
      await using subject = await prepared(make);
      const options = { processManager: manager, limit: 10, react: () => none };
      expect((await subject.store.fire(options)).nextInMs).toBeUndefined();
      await advance(subject, { instances: [running], commands: [], timers: [timer('later', 60_000)] });
      const { fired, nextInMs = 0 } = await subject.store.fire(options);
      expect(fired).toBe(0);
      expect(nextInMs).toBeGreaterThan(30_000);
      expect(nextInMs).toBeLessThanOrEqual(60_000);
    });

    test('keeps the last setting of a name', async () => {
      await using subject = await prepared(make);
      const moment = { ...timer('b', 0, 2), due: { at: '2020-01-01T00:00:00.000Z' } };
      await advance(subject, {
        instances: [running],
        commands: [],
        timers: [timer('a', 0), timer('a', 60_000, 3), timer('b', 60_000), moment],
      });
      expect((await fire(subject, none)).map((each) => [each.name, each.id])).toEqual([['b', moment.id]]);
      await advance(
        subject,
        { instances: [running], commands: [], timers: [timer('a', 0, 4), { instance: 'order-1', name: 'a', cancel: true }] },
        5,
      );
      expect(await fire(subject, none)).toEqual([]);
    });

    test('cancels the timers of an instance that is done', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [], timers: [timer('a', 0)] });
      await advance(subject, { instances: [{ ...running, status: 'done' }], commands: [], timers: [timer('b', 0, 2)] }, 5);
      expect(await fire(subject, none)).toEqual([]);
    });

    test('fires each timer once, however many fire at the same time', async () => {
      await using subject = await prepared(make);
      const ids = Array.from({ length: 40 }, (_, n) => `order-${n + 1}`);
      const instances = ids.map((id) => ({ ...running, id }));
      const timers = ids.map((instance, n) => ({ ...timer('t', 0, n + 1), instance }));
      await advance(subject, { instances, commands: [], timers });
      const fired: string[] = [];
      const some = async (): Promise<void> => {
        for (let tries = 0; tries < 20; tries++) fired.push(...(await fire(subject, none, 5)).map(({ instance }) => instance));
      };
      await Promise.all([some(), some(), some()]);
      expect(fired.sort()).toEqual(ids.sort());
    });

    test('fires each timer in one share of the instances', async () => {
      await using subject = await prepared(make);
      const ids = Array.from({ length: 40 }, (_, n) => `order-${n + 1}`);
      const timers = ids.map((instance, n) => ({ ...timer('t', 0, n + 1), instance }));
      await advance(subject, { instances: ids.map((id) => ({ ...running, id })), commands: [], timers });
      const fired: string[] = [];
      const react = (due: readonly DueTimer[]): ProcessChanges => {
        fired.push(...due.map(({ instance }) => instance));
        return none;
      };
      for (const part of [0, 1, 2]) await subject.store.fire({ processManager: manager, limit: 100, react, share: { part, parts: 3 } });
      expect(fired.sort()).toEqual(ids.sort());
    });

    test('keeps the timer when the reaction fails', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [], timers: [timer('a', 0)] });
      await expect(subject.store.fire({ processManager: manager, limit: 10, react: fail })).rejects.toThrow('the reaction failed');
      expect(await fire(subject, none)).toHaveLength(1);
    });
  });
}

function partitionContract(name: string, make: () => Promise<ProcessManagerStoreUnderTest>): void {
  describe(`${name} as a store of partitions`, () => {
    test('gives a lone process all partitions, and shares them when others come and go', async () => {
      await using subject = await prepared(make);
      const all = await attend(subject, 'a');
      expect(all.map(({ partition, partitions }) => [partition, partitions])).toEqual([0, 1, 2, 3].map((n) => [n, 4]));
      expect(await attend(subject, 'b')).toEqual([]);
      expect(await attend(subject, 'a')).toHaveLength(2);
      expect(await attend(subject, 'b')).toHaveLength(2);
      await subject.store.leave('a');
      expect(await attend(subject, 'b')).toHaveLength(4);
    });

    test('gives what a process does not renew to another, with a later epoch', async () => {
      await using subject = await prepared(make);
      const before = await attend(subject, 'a', 30);
      await new Promise((resolve) => setTimeout(resolve, 60));
      const after = await attend(subject, 'b');
      expect(after).toHaveLength(4);
      for (const { partition, epoch } of after)
        expect(epoch).toBeGreaterThan(before.find((lease) => lease.partition === partition)?.epoch ?? 0);
      const batch = { after: 0, position: 5, instances: [], react: () => ({ instances: [running], commands: [] }) };
      const [lost] = before;
      await expect(subject.store.advance({ ...batch, lease: lost as ProcessLease })).rejects.toMatchObject({ code: 'LeaseLost' });
      expect(await subject.instance(manager, 'order-1')).toBeUndefined();
    });

    test('keeps a checkpoint for each partition', async () => {
      await using subject = await prepared(make);
      const [first, second] = await attend(subject, 'a');
      const batch = { after: 0, position: 7, instances: [], react: () => none };
      await subject.store.advance({ ...batch, lease: first as ProcessLease });
      expect(await Promise.all([0, 1].map((partition) => subject.store.checkpoint(manager, partition)))).toEqual([7, 0]);
      expect(await subject.store.checkpoint(manager)).toBe(0);
      await subject.store.advance({ ...batch, lease: second as ProcessLease });
      expect(await subject.store.checkpoint(manager, 1)).toBe(7);
    });

    test('gives no partitions of a process manager that is not registered', async () => {
      await using subject = await make();
      expect(await attend(subject, 'a')).toEqual([]);
    });
  });

  test(`${name} deletes commands and history of instances that have been done for long, and of no others`, async () => {
    await using subject = await prepared(make);
    const done: ProcessInstance = { ...running, id: 'order-2', status: 'done' };
    const history = (instance: string): ProcessStep => ({ instance, kind: 'event', what: 'OrderPlaced', reference: 'e-1' });
    await advance(subject, { instances: [running, done], commands: [], history: [history('order-1'), history('order-2')] });
    expect(await subject.store.prune({ doneForDays: 1, limit: 10 })).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(1);
    expect(await subject.store.prune({ doneForDays: 0, limit: 10 })).toBe(0);
    expect(await subject.history(manager, 'order-2')).toEqual([]);
    expect(await subject.history(manager, 'order-1')).toHaveLength(1);
    expect(await subject.instance(manager, 'order-2')).toEqual(done);
  });
}

type Settling = Parameters<ProcessManagerStore['settle']>[0];

const none: ProcessChanges = { instances: [], commands: [] };

async function prepared(make: () => Promise<ProcessManagerStoreUnderTest>): Promise<ProcessManagerStoreUnderTest> {
  const subject = await make();
  await subject.store.prepare(manager, log);
  return subject;
}

function attend({ store }: ProcessManagerStoreUnderTest, instance: string, leaseMs = 60_000): Promise<readonly ProcessLease[]> {
  return store.attend({ instance, processManagers: [manager], leaseMs });
}

async function leaseOf(subject: ProcessManagerStoreUnderTest): Promise<ProcessLease> {
  const [lease] = await attend(subject, 'contract');
  if (lease === undefined) throw new Error('a lone process gets every partition');
  return lease;
}

async function advance(
  subject: ProcessManagerStoreUnderTest,
  changes: ProcessChanges,
  after = 0,
  claiming?: Claiming,
): Promise<readonly ClaimedCommand[]> {
  const instances = changes.instances.map(({ id }) => id);
  const batch = { lease: await leaseOf(subject), after, position: after + 5, instances, react: () => changes };
  return subject.store.advance({ ...batch, ...(claiming && { claim: claiming }) });
}

async function fire({ store }: ProcessManagerStoreUnderTest, changes: ProcessChanges, limit = 10): Promise<readonly DueTimer[]> {
  let fired: readonly DueTimer[] = [];
  const react = (timers: readonly DueTimer[]): ProcessChanges => {
    fired = timers;
    return changes;
  };
  await store.fire({ processManager: manager, limit, react });
  return fired;
}

function timer(name: string, inMs: number, n = 1): Extract<TimerSetting, { readonly id: string }> {
  const id = `0199f0a0-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`;
  return { instance: 'order-1', name, id, due: { inMs }, metadata: { correlationId: 'c-1' } };
}

function claim({ store }: ProcessManagerStoreUnderTest, limit = 10, leaseMs = 60_000): Promise<readonly ClaimedCommand[]> {
  return store.claim({ limit, leaseMs });
}

async function giveBack({ store }: ProcessManagerStoreUnderTest, claimed: ClaimedCommand | undefined, at?: number): Promise<void> {
  if (claimed === undefined) throw new Error('there was nothing to claim');
  await store.giveBack({ command: claimed, error: 'out of order', ...(at !== undefined && { retryAt: new Date(at).toISOString() }) });
}

function command(n: number, instance = 'order-1'): OutgoingCommand {
  return {
    id: `0199f0a0-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`,
    processManager: manager,
    instance,
    type: 'ReserveStock',
    data: { productId: `p-${n}`, quantity: n, nested: { empty: [] } },
    metadata: { correlationId: 'c-1', causationId: 'e-1' },
  };
}

function fail(): never {
  throw new Error('the reaction failed');
}
