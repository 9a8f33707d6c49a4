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
}
