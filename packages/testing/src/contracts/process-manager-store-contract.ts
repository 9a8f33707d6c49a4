import type {
  ClaimedCommand,
  CommandOutcome,
  LogIdentity,
  OutgoingCommand,
  ProcessChanges,
  ProcessInstance,
  ProcessManagerStore,
  ProcessStep,
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
      expect(await subject.store.checkpoint(manager)).toBe(5);
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
      await subject.store.advance({ processManager: manager, after: 5, position: 6, instances, react });
      expect(react).toHaveBeenCalledExactlyOnceWith(new Map([['order-1', failed]]));
    });

    test('writes nothing when the checkpoint is not where the batch begins, or the reaction fails', async () => {
      await using subject = await prepared(make);
      const wrong = {
        processManager: manager,
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
      const reach = (position: number): Promise<void> => {
        const react = (): ProcessChanges => ({ instances: [running], commands: [command(position)] });
        return subject.store.advance({ processManager: manager, after: 0, position, instances: ['order-1'], react });
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

    test('gives a due command to one claimant, oldest first, until the claim lapses', async () => {
      await using subject = await prepared(make);
      const numbers = Array.from({ length: 20 }, (_, n) => n + 1);
      await advance(subject, { instances: [running], commands: numbers.map(command) });
      const claims = await Promise.all(Array.from({ length: 10 }, () => claim(subject, 2, 200)));
      expect(
        claims
          .flat()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(numbers.map((n) => command(n).id));
      expect(await claim(subject)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect((await claim(subject, 3)).map(({ id, attempts }) => [id, attempts])).toEqual([1, 2, 3].map((n) => [command(n).id, 2]));
    });

    test('records an outcome with what the instance makes of it, once', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [claimed] = await claim(subject);
      const settle = (instance: ProcessInstance): ProcessChanges => ({
        instances: [{ ...instance, state: { step: Number(instance.state.step) + 1 } }],
        commands: [command(2)],
      });
      const settling = { command: claimed ?? command(1), outcome: accepted, settle };
      await Promise.all([subject.store.settle(settling), subject.store.settle(settling)]);
      expect((await subject.instance(manager, 'order-1'))?.state).toEqual({ step: 2 });
      expect((await subject.command(command(1).id))?.outcome).toEqual(accepted);
      expect((await claim(subject)).map(({ id }) => id)).toEqual([command(2).id]);
    });

    test('gives a command back with its error, due again later', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [claimed] = await claim(subject);
      await giveBack(subject, claimed, Date.now() + 150);
      expect((await subject.command(command(1).id))?.lastError).toBe('out of order');
      expect(await claim(subject)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await claim(subject)).toEqual([{ ...command(1), attempts: 2 }]);
    });

    test('ignores a command given back by an outdated claim, or after it was settled', async () => {
      await using subject = await prepared(make);
      await advance(subject, { instances: [running], commands: [command(1)] });
      const [first] = await claim(subject, 1, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const [second] = await claim(subject);
      await giveBack(subject, first, Date.now() - 1);
      expect(await claim(subject)).toEqual([]);
      await subject.store.settle({ command: command(1), outcome: accepted, settle: () => none });
      await giveBack(subject, second, Date.now() - 1);
      expect(await claim(subject)).toEqual([]);
    });
  });
}

const none: ProcessChanges = { instances: [], commands: [] };

async function prepared(make: () => Promise<ProcessManagerStoreUnderTest>): Promise<ProcessManagerStoreUnderTest> {
  const subject = await make();
  await subject.store.prepare(manager, log);
  return subject;
}

function advance({ store }: ProcessManagerStoreUnderTest, changes: ProcessChanges, after = 0): Promise<void> {
  const instances = changes.instances.map(({ id }) => id);
  return store.advance({ processManager: manager, after, position: after + 5, instances, react: () => changes });
}

function claim({ store }: ProcessManagerStoreUnderTest, limit = 10, leaseMs = 10_000): Promise<readonly ClaimedCommand[]> {
  return store.claim({ limit, leaseMs });
}

async function giveBack({ store }: ProcessManagerStoreUnderTest, claimed: ClaimedCommand | undefined, at: number): Promise<void> {
  if (claimed === undefined) throw new Error('there was nothing to claim');
  await store.giveBack({ command: claimed, error: 'out of order', retryAt: new Date(at).toISOString() });
}

function command(n: number): OutgoingCommand {
  return {
    id: `0199f0a0-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`,
    processManager: manager,
    instance: 'order-1',
    type: 'ReserveStock',
    data: { productId: `p-${n}`, quantity: n, nested: { empty: [] } },
    metadata: { correlationId: 'c-1', causationId: 'e-1' },
  };
}

function fail(): never {
  throw new Error('the reaction failed');
}
