import { type Aggregate, defineAggregate, defineEvents, type EventDefinition, isKirokuError } from '@kiroku/core';
import { anySchema, InMemoryEventStore, InMemorySchemaRegistry } from '@kiroku/testing';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { registerSchemas } from './register-schemas.ts';

const first = z.strictObject({ id: z.uuid(), lines: z.array(z.strictObject({ quantity: z.int().min(1) })) });
const wider = z.strictObject({ ...first.shape, note: z.string().optional() });
const other = z.strictObject({ id: z.uuid(), rows: z.array(z.int()), colour: z.string() });

/** The code of a release whose orders are so. */
function release(placed: EventDefinition, closed: EventDefinition): readonly Aggregate[] {
  return [
    defineAggregate({
      name: 'order',
      events: defineEvents({ Placed: placed, Closed: closed }),
      initialState: null,
      commands: {},
      evolve: { Placed: () => null, Closed: () => null },
      decide: {},
    }),
  ];
}
const upcasters = { 1: (data: object) => ({ ...data }), 2: (data: object) => ({ ...data }) };

function subject() {
  const eventStore = new InMemoryEventStore();
  const registry = new InMemorySchemaRegistry({ eventStore });
  const write = (schemaVersion: number) =>
    eventStore.append({ streams: [{ stream: 'order-1', expectedVersion: 'any', events: [{ type: 'Placed', schemaVersion, data: {} }] }] });
  const start = (placed: EventDefinition, closed: EventDefinition = { schema: z.strictObject({}) }) =>
    registerSchemas({ aggregates: release(placed, closed), registry });
  return { registry, write, start };
}

describe('at the start of a service', () => {
  test('the schemas of all its events are registered', async () => {
    const { registry, start } = subject();
    expect(await start({ schema: first })).toEqual({ count: 2, undescribed: [] });
    expect((await registry.list()).map(({ type, version }) => [type, version])).toEqual([
      ['Closed', 1],
      ['Placed', 1],
    ]);
  });

  test('a schema that takes all that is stored is registered beside the one before, which may still be started', async () => {
    const { registry, start } = subject();
    for (const schema of [first, wider, first]) {
      await start({ schema });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await registry.list()).slice(1).map(({ jsonSchema }) => Object.keys(jsonSchema?.properties ?? {}))).toEqual([
      ['id', 'lines'],
      ['id', 'lines', 'note'],
    ]);
  });

  test('a schema has to take what any release has written under the same version', async () => {
    const { start } = subject();
    for (const schema of [first, wider, first]) await start({ schema });
    const changed = z.strictObject({ ...first.shape, note: z.int().optional() });
    await expect(start({ schema: changed })).rejects.toThrow(/note: was string, is integer/);
  });

  test('a schema that stored data may not fit is refused, field by field, and nothing is registered', async () => {
    const { registry, start } = subject();
    await start({ schema: first });
    const before = await registry.list();
    const error = await start({ schema: other }).catch((fault: unknown) => fault);
    expect(isKirokuError(error, 'SchemaChanged') && error.message).toBe(
      [
        'The schema of an event type was changed so that events already stored may not fit:',
        '  Placed, schema version 1',
        '    lines: was array, is not allowed',
        '    rows: was not there, is required, array',
        '    colour: was not there, is required, string',
        '    → raise the version of Placed to 2 and add upcasters: { 1: … }, or undo the change',
      ].join('\n'),
    );
    expect(await registry.list()).toEqual(before);
  });

  test('the same change under a new version is registered beside the old', async () => {
    const { registry, start } = subject();
    await start({ schema: first });
    await start({ schema: other, version: 2, upcasters });
    expect((await registry.list()).slice(1).map(({ version }) => version)).toEqual([1, 2]);
  });

  test('a type whose schema nobody can compare is told', async () => {
    const { start } = subject();
    expect(await start({ schema: anySchema() })).toEqual({ count: 2, undescribed: ['Placed'] });
    expect(await start({ schema: first })).toEqual({ count: 2, undescribed: [] });
  });

  test('a schema that could be compared must not become one that cannot', async () => {
    const { start } = subject();
    await start({ schema: first });
    await expect(start({ schema: anySchema() })).rejects.toMatchObject({
      code: 'SchemaChanged',
      message: expect.stringContaining('(data): was given as JSON Schema, is not expressible as JSON Schema, so that nobody can tell\n'),
      details: { broken: [{ type: 'Placed', version: 1, changes: [{ path: '' }] }] },
    });
  });

  test('several types that were changed are told one after the other', async () => {
    const { start } = subject();
    const closed = (n: z.ZodType) => ({ schema: z.strictObject({ n }) });
    await start({ schema: first }, closed(z.string()));
    const error = await start({ schema: other }, closed(z.int())).catch((fault: unknown) => fault);
    expect(isKirokuError(error) && error.message.split('\n').filter((line) => !line.startsWith('    '))).toEqual([
      'The schema of 2 event types were changed so that events already stored may not fit:',
      '  Placed, schema version 1',
      '  Closed, schema version 1',
    ]);
  });
});

describe('older code, after newer', () => {
  test('starts as long as the newer has written nothing it could not read', async () => {
    const { start, write } = subject();
    await start({ schema: first });
    await write(1);
    await start({ schema: other, version: 2, upcasters });
    await write(1);
    expect(await start({ schema: first })).toEqual({ count: 2, undescribed: [] });
  });

  test('is refused once the log has an event of the newer version, which it names', async () => {
    const { start, write } = subject();
    await start({ schema: other, version: 3, upcasters });
    await write(2);
    await expect(start({ schema: first })).rejects.toMatchObject({
      code: 'EventsTooNew',
      details: { type: 'Placed', version: 1, newest: 3, position: 1 },
    });
    expect(await start({ schema: other, version: 2, upcasters })).toEqual({ count: 2, undescribed: [] });
    await write(3);
    await expect(start({ schema: other, version: 2, upcasters })).rejects.toMatchObject({ code: 'EventsTooNew' });
  });

  test('is refused whatever newer version an event has, though the log has none of the newest', async () => {
    const { start, write } = subject();
    await start({ schema: other, version: 2, upcasters });
    await write(2);
    await start({ schema: first, version: 3, upcasters });
    await expect(start({ schema: first })).rejects.toMatchObject({ code: 'EventsTooNew', details: { newest: 3, position: 1 } });
  });

  test('does not search the log when nothing newer of a type is registered', async () => {
    const { registry, start } = subject();
    const search = vi.spyOn(registry, 'findNewer');
    await start({ schema: first });
    await start({ schema: wider });
    for (const _time of ['first', 'second']) await start({ schema: other, version: 2, upcasters });
    expect(search).not.toHaveBeenCalled();
  });
});
