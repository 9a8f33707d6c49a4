import type { OutgoingCommand, ProcessInstance, ProcessManagerStore } from '@kiroku/core';
import { expect, test, vi } from 'vitest';
import {
  accepted,
  advance,
  claim,
  command,
  fail,
  giveBack,
  leaseOf,
  type MakeProcessManagerStore,
  manager,
  none,
  outcomesAlone,
  prepared,
  running,
} from './process-manager-store-samples.ts';

type Advancing = Parameters<ProcessManagerStore['advance']>[0];

/** Commands go to one claimant at a time, until their outcome is recorded. */
export function processCommandsContract(make: MakeProcessManagerStore): void {
  test('sends a command once, however often it is put on its way', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    await advance(subject, { instances: [running], commands: [command(1), command(2)] }, 5);
    expect((await claim(subject)).map(({ id }) => id)).toEqual([command(1).id, command(2).id]);
  });

  test('gives no settled command to anybody, however long ago it was claimed', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    await claim(subject, 1, 1);
    await subject.store.advance({ ...outcomesAlone, settlements: [{ command: command(1), outcome: accepted }], react: () => none });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await claim(subject)).toEqual([]);
  });

  test('gives first what has been due for longest', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1), command(2)] });
    const [first, second] = await claim(subject);
    for (const claimed of [second, first]) {
      await giveBack(subject, claimed, 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect((await claim(subject, 1)).map(({ id }) => id)).toEqual([command(2).id]);
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
    const settling = { ...outcomesAlone, settlements: [{ command: command(1), outcome: accepted }], claim: terms };
    const settled = await subject.store.advance({ ...settling, react: () => ({ instances: [], commands: [command(4)] }) });
    expect(settled).toEqual([{ ...command(4), attempts: 1 }]);
    expect(await claim(subject)).toEqual([]);
  });

  test('gives a command to another when the claim lapses, whoever made it', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] }, 0, { limit: () => 1, leaseMs: 1 });
    await expect.poll(() => claim(subject)).toMatchObject([{ id: command(1).id, attempts: 2 }]);
  });

  test('keeps a claim that is renewed, and none that another has by now', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [first] = await claim(subject, 1, 1);
    if (first === undefined) throw new Error('there was nothing to claim');
    await subject.store.renew({ commands: [first], leaseMs: 60_000 });
    expect(await claim(subject)).toEqual([]);

    await subject.store.renew({ commands: [first], leaseMs: 1 });
    await expect.poll(() => claim(subject, 1, 1)).toMatchObject([{ attempts: 2 }]);
    await subject.store.renew({ commands: [first], leaseMs: 60_000 });
    await expect.poll(() => claim(subject)).toMatchObject([{ id: first.id, attempts: 3 }]);
  });

  test('renews each claim by itself', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1), command(2)] });
    for (const claimed of await claim(subject)) await giveBack(subject, claimed, 0);
    const held = await claim(subject, 2, 1);
    expect(held.map(({ attempts }) => attempts)).toEqual([2, 2]);
    await subject.store.renew({ commands: held.map((each, n) => ({ ...each, attempts: n + 1 })), leaseMs: 60_000 });
    await expect.poll(() => claim(subject)).toEqual([{ ...command(1), attempts: 3 }]);
  });

  test('does not renew what is parked', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [claimed] = await claim(subject);
    await giveBack(subject, claimed);
    await subject.store.renew({ commands: claimed === undefined ? [] : [claimed], leaseMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await claim(subject)).toEqual([]);
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
    const settling: Advancing = {
      ...outcomesAlone,
      settlements,
      react: (instances, fresh) => ({
        instances: [...instances.values()].map((each) => ({ ...each, state: { step: Number(each.state.step) + fresh.length } })),
        commands: [command(3)],
      }),
    };
    await Promise.all(
      [settling, { ...settling, settlements: settlements.slice(0, 1) }, settling].map((each) => subject.store.advance(each)),
    );
    const steps = await Promise.all(['order-1', 'order-2'].map((id) => subject.instance(manager, id)));
    expect(steps.map((each) => each?.state.step)).toEqual([3, 3]);
    expect((await subject.command(command(1).id))?.outcome).toEqual(accepted);
    const react = vi.fn(() => none);
    expect(await subject.store.advance({ ...settling, react })).toEqual([]);
    expect(react).not.toHaveBeenCalled();
    expect((await claim(subject)).map(({ id }) => id)).toEqual([command(3).id]);
  });

  test('gives a command back with its error, due again later', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [claimed] = await claim(subject);
    await giveBack(subject, claimed, 60_000);
    expect((await subject.command(command(1).id))?.lastError).toBe('out of order');
    expect(await claim(subject)).toEqual([]);
    expect(await subject.history(manager, 'order-1')).toEqual([]);
  });

  test('takes a command back with whatever its error says, as that may come from outside', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [claimed] = await claim(subject);
    if (claimed !== undefined) await subject.store.giveBack({ command: claimed, error: 'refused: \0 \ud800', retryInMs: 0 });
    await expect.poll(() => claim(subject)).toEqual([{ ...command(1), attempts: 2 }]);
    expect((await subject.command(command(1).id))?.lastError).toContain('refused');
  });

  test('gives a command that was given back to the next when it is due', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [claimed] = await claim(subject);
    await giveBack(subject, claimed, 0);
    await expect.poll(() => claim(subject)).toEqual([{ ...command(1), attempts: 2 }]);
    await subject.store.advance({ ...outcomesAlone, settlements: [{ command: command(1), outcome: accepted }], react: () => none });
    const settled = await subject.command(command(1).id);
    expect([settled?.outcome, settled?.lastError]).toEqual([accepted, undefined]); // its error is over
  });

  test('records outcomes with an advance, each once, and none if it does not advance', async () => {
    await using subject = await prepared(make);
    const other: ProcessInstance = { ...running, id: 'order-2' };
    await advance(subject, { instances: [running, other], commands: [command(1), command(2, 'order-2')] });
    const settlement = (of: OutgoingCommand) => ({ command: of, outcome: accepted });
    await subject.store.advance({ ...outcomesAlone, settlements: [settlement(command(1))], react: () => none });
    const react = vi.fn(() => ({ instances: [{ ...other, status: 'done' as const }], commands: [command(3)] }));
    const settlements = [settlement(command(1)), settlement(command(2, 'order-2'))];
    const lease = await leaseOf(subject);
    const batch = { processManager: manager, position: 9, instances: ['order-1'], settlements, react };
    const wrong = { ...batch, partitions: [{ lease, after: 4 }] };
    await expect(subject.store.advance(wrong)).rejects.toMatchObject({ code: 'CheckpointConflict' });
    expect(await subject.command(command(2).id)).not.toMatchObject({ outcome: accepted });
    react.mockClear();
    const terms = { limit: () => 1, leaseMs: 60_000 };
    const sent = await subject.store.advance({ ...batch, partitions: [{ lease, after: 5 }], claim: terms });
    expect(sent).toEqual([{ ...command(3), attempts: 1 }]);
    const stored = new Map([running, other].map((each) => [each.id, each]));
    expect(react).toHaveBeenCalledExactlyOnceWith(stored, [settlement(command(2, 'order-2'))]);
    expect(await subject.command(command(2).id)).toMatchObject({ outcome: accepted });
    expect(await subject.store.checkpoint(manager, lease.partition)).toBe(9);
  });

  test('ignores a command given back by an outdated claim, or after it was settled', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1)] });
    const [first] = await claim(subject, 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [second] = await claim(subject);
    await giveBack(subject, first, 0);
    expect(await claim(subject)).toEqual([]);
    await subject.store.advance({ ...outcomesAlone, settlements: [{ command: command(1), outcome: accepted }], react: () => none });
    await giveBack(subject, second);
    expect((await subject.command(command(1).id))?.lastError).toBeUndefined();
    expect(await subject.history(manager, 'order-1')).toEqual([]);
    expect(await claim(subject)).toEqual([]);
  });

  test('parks a command that is given back without a time, until somebody retries it', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [{ ...command(1), label: 'mine' }] });
    const [claimed] = await claim(subject);
    await giveBack(subject, claimed);
    expect(await claim(subject)).toEqual([]);
    const parked = { instance: 'order-1', kind: 'parked', what: 'ReserveStock: out of order', reference: command(1).id };
    expect(await subject.history(manager, 'order-1')).toEqual([parked]);
    const retried = { processManager: manager, instance: 'order-1', react: () => none, retryParked: true };
    expect(await subject.store.intervene(retried)).toBe(true);
    expect(await claim(subject)).toMatchObject([{ id: command(1).id, label: 'mine', attempts: 1 }]);
  });

  test('tells an operator how many commands were parked; what is thrown then leaves them parked', async () => {
    await using subject = await prepared(make);
    await advance(subject, { instances: [running], commands: [command(1), command(2), command(3)] });
    for (const claimed of await claim(subject, 2)) await giveBack(subject, claimed);
    const react = vi.fn(fail);
    const retried = { processManager: manager, instance: 'order-1', retryParked: true };
    await expect(subject.store.intervene({ ...retried, react })).rejects.toThrow('the reaction failed');
    expect(react).toHaveBeenCalledExactlyOnceWith(running, 2);
    expect(await claim(subject)).toHaveLength(1);
    const counted = vi.fn(() => none);
    await subject.store.intervene({ processManager: manager, instance: 'order-1', react: counted });
    expect(counted).toHaveBeenCalledExactlyOnceWith(running, 0);
  });
}
