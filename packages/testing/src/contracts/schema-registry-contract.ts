import type { EventSchema, EventStore, SchemaRegistry } from '@kiroku/core';
import { describe, expect, test } from 'vitest';

/** A registry under test, with the log it stands beside. */
export interface SchemaRegistryUnderTest extends AsyncDisposable {
  readonly registry: SchemaRegistry;
  readonly eventStore: EventStore;
}

const placed: EventSchema = {
  type: 'Placed',
  version: 1,
  digest: 'aa',
  jsonSchema: { type: 'object', properties: { b: { const: 'é\u0000' }, a: true } },
};
const shipped: EventSchema = { type: 'Shipped', version: 1, digest: 'bb', jsonSchema: undefined };

/** Registers the tests of what the port promises. */
export function schemaRegistryContract(name: string, make: () => Promise<SchemaRegistryUnderTest>): void {
  describe(`${name} as a schema registry`, () => {
    test('is empty at first, and then has what was registered, by type and version', async () => {
      await using subject = await make();
      expect(await subject.registry.list()).toEqual([]);
      await subject.registry.register(() => [shipped, { ...placed, version: 10 }, { ...placed, version: 2 }]);
      const listed = await subject.registry.list();
      expect(listed.map(({ type, version }) => `${type}@${version}`)).toEqual(['Placed@2', 'Placed@10', 'Shipped@1']);
      expect(listed[0]).toEqual({ ...placed, version: 2, after: 0, firstSeen: expect.any(String), lastSeen: expect.any(String) });
      expect(listed[2]?.jsonSchema).toBeUndefined();
    });

    test('gives the judge what is registered, and keeps another schema of a known version beside the first', async () => {
      await using subject = await make();
      await subject.registry.register(() => [placed, shipped]);
      await new Promise((resolve) => setTimeout(resolve, 2));
      const [before] = await subject.registry.list();
      const other = { ...placed, digest: 'a', jsonSchema: { type: 'null' } };
      await subject.registry.register((known) => {
        expect(known).toMatchObject([placed, shipped]);
        return [other];
      });
      expect(await subject.registry.list()).toMatchObject([{ ...before }, other, shipped]);
    });

    test('says when one that was there is seen again', async () => {
      await using subject = await make();
      await subject.registry.register(() => [placed]);
      const [before] = await subject.registry.list();
      await new Promise((resolve) => setTimeout(resolve, 2));
      await subject.registry.register(() => [placed]);
      const [after, ...others] = await subject.registry.list();
      expect(after).toEqual({ ...before, lastSeen: expect.any(String) });
      expect((after?.lastSeen ?? '') > (before?.lastSeen ?? '')).toBe(true);
      expect(others).toEqual([]);
    });

    test('is left as it was by a judge that throws', async () => {
      await using subject = await make();
      await subject.registry.register(() => [placed]);
      const before = await subject.registry.list();
      const judged = subject.registry.register(() => {
        throw new RangeError('no');
      });
      await expect(judged).rejects.toThrow('no');
      expect(await subject.registry.list()).toEqual(before);
      await subject.registry.register(() => [shipped]);
    });

    test('judges one at a time', async () => {
      await using subject = await make();
      const seen: number[] = [];
      const registering = Array.from({ length: 8 }, (_, n) =>
        subject.registry.register((known) => {
          seen.push(known.length);
          return [{ ...placed, version: n + 1 }];
        }),
      );
      await Promise.all(registering);
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    test('knows where the log stood when a schema was registered first', async () => {
      await using subject = await make();
      await append(subject.eventStore, 1, 1);
      await subject.registry.register(() => [placed]);
      await append(subject.eventStore, 1);
      await subject.registry.register(() => [placed, { ...placed, version: 2 }]);
      expect((await subject.registry.list()).map(({ after }) => after)).toEqual([2, 3]);
    });

    test('finds the first event of a newer version, from a position on', async () => {
      await using subject = await make();
      await append(subject.eventStore, 1, 3, 2, 1, 3);
      const { registry } = subject;
      expect(await registry.findNewer({ type: 'Placed', version: 1, after: 0 })).toBe(2);
      expect(await registry.findNewer({ type: 'Placed', version: 1, after: 2 })).toBe(3);
      expect(await registry.findNewer({ type: 'Placed', version: 2, after: 2 })).toBe(5);
      expect(await registry.findNewer({ type: 'Placed', version: 3, after: 0 })).toBeUndefined();
      expect(await registry.findNewer({ type: 'Shipped', version: 1, after: 0 })).toBeUndefined();
    });
  });
}

async function append(eventStore: EventStore, ...versions: readonly number[]): Promise<void> {
  const events = versions.map((schemaVersion) => ({ type: 'Placed', schemaVersion, data: {} }));
  await eventStore.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events }] });
}
