import { describe, expect, expectTypeOf, test } from 'vitest';
import { defineEvents } from './event-definition.ts';
import { checkPersonalFields, type FieldPath } from './personal-fields.ts';
import type { Schema } from './schema.ts';
import { snapshotPlan } from './snapshot.ts';

interface Registered {
  readonly id: string;
  readonly name?: string;
  readonly address: { readonly street: string; readonly tags: readonly string[] };
}
const schema: Schema<Registered> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Registered }) } }; // takes all
const subject = () => 'ada';

describe('personal fields', () => {
  test('are fields of the schema, also nested ones', () => {
    expectTypeOf<FieldPath<Registered>>().toEqualTypeOf<'id' | 'name' | 'address' | 'address.street' | 'address.tags'>();
    expectTypeOf<FieldPath<unknown>>().toEqualTypeOf<string>();
    const events = defineEvents({ Registered: { schema, personal: { subject: ({ id }) => id, fields: ['name', 'address.street'] } } });
    expect(events.Registered.personal?.fields).toEqual(['name', 'address.street']);
    // @ts-expect-error there is no such field
    defineEvents({ Registered: { schema, personal: { subject: ({ id }) => id, fields: ['address.stret'] } } });
  });

  test.each([
    [[], {}, /names no field/],
    [['name', 'name'], {}, /twice/],
    [['address', 'address.street'], {}, /a part of it/],
    [['address.street', 'address'], {}, /a part of it/],
    [['address..street'], {}, /no field/],
    [['__proto__.name'], {}, /no field/],
    [['name'], { email: '' }, /does not name that field/],
    [['name'], { name: Number.NaN }, /cannot be stored/],
  ])('that cannot be meant are refused: %j %j', (fields, forgotten, message) => {
    const attempt = () => checkPersonalFields('Registered', { subject, fields, forgotten });
    expect(attempt).toThrowError(message);
    expect(attempt).toThrowError(expect.objectContaining({ code: 'DefinitionInvalid' }));
  });

  test('are checked when events are defined', () => {
    expect(() => defineEvents({ Registered: { schema, personal: { subject, fields: [] } } })).toThrowError(/personal of Registered/);
  });

  test('cannot be where snapshots are: they would stand in them', () => {
    const events = defineEvents({ Registered: { schema, personal: { subject, fields: ['name'] } } });
    const plan = () => snapshotPlan({ name: 'customer', events, evolve: {}, snapshot: { every: 10, stateVersion: 1 } });
    expect(plan).toThrowError(/Registered has personal fields/);
  });
});
