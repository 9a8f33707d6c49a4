import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HeldPartition, sharePartitions } from './share-partitions.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

test('whoever held what before, all end with a fair share and then stay', () => {
  const owners = fc.array(fc.option(fc.constantFrom(...names), { nil: undefined }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(owners, fc.integer({ min: 1, max: 5 }), (before, alive) => {
      const instances = names.slice(0, alive);
      const held = before.map((owner, partition) => place(partition, owner !== undefined && instances.includes(owner) ? owner : undefined));
      const settled = rounds(instances, held, 4);
      const counts = instances.map((each) => settled.filter(({ owner }) => owner === each).length);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(before.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(rounds(instances, settled, 1)).toEqual(settled);
    }),
  );
});

test('versions that different instances declare are shared out apart', () => {
  const old = { ...place(0, undefined), version: 1 };
  const present = { ...place(0, undefined), version: 2 };
  const declaring = ({ version }: HeldPartition): string[] => (version === 1 ? ['a'] : ['a', 'b']);
  expect(sharePartitions('a', [old, present], declaring).take).toEqual([old, present]);
  expect(sharePartitions('b', [present], declaring).take).toEqual([present]);
});

function place(partition: number, owner: string | undefined): HeldPartition {
  return { projection: 'p', version: 1, build: 1, partition, ...(owner !== undefined && { owner }) };
}

/** Everybody attends in turn, so many times. */
function rounds(instances: readonly string[], held: readonly HeldPartition[], times: number): readonly HeldPartition[] {
  let now = held;
  for (let n = 0; n < times; n++) {
    for (const instance of instances) {
      const { take, release } = sharePartitions(instance, now, () => instances);
      now = now.map((each) => {
        if (take.includes(each)) return place(each.partition, instance);
        return release.includes(each) ? place(each.partition, undefined) : each;
      });
    }
  }
  return now;
}
