import type { ProcessLease } from '@kiroku/core';
import { expect, test } from 'vitest';
import { attend, type MakeProcessManagerStore, manager, none, prepared, running } from './process-manager-store-samples.ts';

/** Partitions are shared out, each with a checkpoint of its own. */
export function processPartitionsContract(make: MakeProcessManagerStore): void {
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

  test('leaves no partition without an owner when processes cannot share them evenly, and each keeps what it has', async () => {
    await using subject = await prepared(make);
    const names = ['a', 'b', 'c'];
    for (let rounds = 0; rounds < 3; rounds++) for (const name of names) await attend(subject, name);
    const shares = [await attend(subject, 'a'), await attend(subject, 'b'), await attend(subject, 'c')];
    expect(shares.map((share) => share.length)).toEqual([2, 1, 1]);
    expect(shares.flatMap((share) => share.map(({ partition }) => partition)).sort()).toEqual([0, 1, 2, 3]);
    await subject.store.leave('a');
    const [kept] = shares[2] ?? [];
    expect(await attend(subject, 'c')).toContainEqual(kept);
    expect(await attend(subject, 'b')).toHaveLength(2);
  });

  test('gives what a process does not renew to another, with a later epoch', async () => {
    await using subject = await prepared(make);
    const before = await attend(subject, 'a', 30);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const after = await attend(subject, 'b');
    expect(after).toHaveLength(4);
    for (const { partition, epoch } of after)
      expect(epoch).toBeGreaterThan(before.find((lease) => lease.partition === partition)?.epoch ?? 0);
    const batch = { processManager: manager, position: 5, instances: [], react: () => ({ instances: [running], commands: [] }) };
    const held = (leases: readonly (ProcessLease | undefined)[]) => leases.map((lease) => ({ lease: lease as ProcessLease, after: 0 }));
    await expect(subject.store.advance({ ...batch, partitions: held([before[0]]) })).rejects.toMatchObject({ code: 'LeaseLost' });
    await expect(subject.store.advance({ ...batch, partitions: held([after[0], before[1]]) })).rejects.toMatchObject({ code: 'LeaseLost' });
    expect(await subject.instance(manager, 'order-1')).toBeUndefined();
  });

  test('lets a process that was away too long take all again, if nobody else has', async () => {
    await using subject = await prepared(make);
    await attend(subject, 'a', 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await attend(subject, 'a')).toHaveLength(4);
  });

  test('moves no partition that there is not', async () => {
    await using subject = await prepared(make);
    const [first] = await attend(subject, 'a');
    const partitions = [{ lease: { ...(first as ProcessLease), partition: 4 }, after: 0 }];
    const moving = subject.store.advance({ processManager: manager, partitions, position: 5, instances: [], react: () => none });
    await expect(moving).rejects.toMatchObject({ code: 'LeaseLost' });
  });

  test('keeps a checkpoint for each partition', async () => {
    await using subject = await prepared(make);
    const [first, second] = await attend(subject, 'a');
    const batch = { processManager: manager, instances: [], react: () => none };
    await subject.store.advance({ ...batch, partitions: [{ lease: first as ProcessLease, after: 0 }], position: 7 });
    expect(await Promise.all([0, 1].map((partition) => subject.store.checkpoint(manager, partition)))).toEqual([7, 0]);
    expect(await subject.store.checkpoint(manager)).toBe(0);
    await subject.store.advance({ ...batch, partitions: [{ lease: second as ProcessLease, after: 0 }], position: 9 });
    expect(await Promise.all([0, 1].map((partition) => subject.store.checkpoint(manager, partition)))).toEqual([7, 9]);
  });

  test('moves several partitions together, each from where it is, or none of them', async () => {
    await using subject = await prepared(make);
    const [first, second, third] = (await attend(subject, 'a')) as [ProcessLease, ProcessLease, ProcessLease];
    const move = (from: readonly (readonly [ProcessLease, number])[], position: number, changes = none) => {
      const partitions = from.map(([lease, after]) => ({ lease, after }));
      return subject.store.advance({ processManager: manager, partitions, position, instances: [], react: () => changes });
    };
    const positions = () => Promise.all([0, 1, 2].map((partition) => subject.store.checkpoint(manager, partition)));
    await move([[second, 0]], 5);
    const begun = { instances: [running], commands: [] };
    const wrong = [
      [first, 0],
      [second, 0],
    ] as const;
    await expect(move(wrong, 9, begun)).rejects.toMatchObject({ code: 'CheckpointConflict' });
    expect([await positions(), await subject.instance(manager, 'order-1')]).toEqual([[0, 5, 0], undefined]);
    const right = [
      [first, 0],
      [second, 5],
      [third, 0],
    ] as const;
    await move(right, 9, begun);
    expect([await positions(), await subject.instance(manager, 'order-1')]).toEqual([[9, 9, 9], running]);
  });

  test('gives no partitions of a process manager that is not registered', async () => {
    await using subject = await make();
    expect(await attend(subject, 'a')).toEqual([]);
  });
}
