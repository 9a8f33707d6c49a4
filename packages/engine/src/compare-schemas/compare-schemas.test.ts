import { jsonSchemaOf, type Schema } from '@kiroku/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { compareSchemas } from './compare-schemas.ts';
import type { JsonSchema, Misfit } from './json-schema.ts';

function compare(before: Schema, after: Schema): readonly Misfit[] {
  return compareSchemas(asJson(before), asJson(after));
}

function asJson(schema: Schema): JsonSchema {
  return jsonSchemaOf(schema) ?? false;
}

const base = { id: z.uuid(), note: z.string().max(20) };
const object = (more: z.core.$ZodLooseShape) => z.strictObject({ ...base, ...more });

const nothingElse = { unevaluatedProperties: false };
const named = (properties: JsonSchema): JsonSchema => ({
  properties,
  patternProperties: { '^x': { type: 'integer' } },
  additionalProperties: false,
});

describe('stored data still fits', () => {
  test.each<[string, Schema, Schema]>([
    ['the same schema', object({}), object({})],
    ['an optional field more', object({}), object({ colour: z.string().optional() })],
    ['a field that became optional', object({ n: z.int() }), object({ n: z.int().optional() })],
    ['a field that may be null', object({ n: z.int() }), object({ n: z.int().nullable() })],
    ['a wider limit', object({ n: z.int().min(1).max(5) }), object({ n: z.int().min(0).max(6) })],
    ['a limit that is gone', object({ n: z.number().gt(1) }), object({ n: z.number() })],
    ['an exclusive limit made inclusive', object({ n: z.number().gt(1) }), object({ n: z.number().min(1) })],
    ['any number for an integer', object({ n: z.int() }), object({ n: z.number() })],
    ['a coarser step that is a multiple', object({ n: z.number().multipleOf(4) }), object({ n: z.number().multipleOf(2) })],
    ['one more of a list of values', object({ s: z.enum(['a', 'b']) }), object({ s: z.enum(['c', 'b', 'a']) })],
    ['any text for a list of values', object({ s: z.enum(['a', 'bb']) }), object({ s: z.string().min(1).max(2) })],
    ['one more alternative', object({ s: z.union([z.string(), z.int()]) }), object({ s: z.union([z.boolean(), z.int(), z.string()]) })],
    [
      'one more kind',
      object({ s: kinds(z.string()) }),
      object({ s: z.discriminatedUnion('kind', [...kinds(z.string()).options, kind('z', z.int())]) }),
    ],
    ['a longer list', object({ l: z.array(z.int()).min(2).max(3) }), object({ l: z.array(z.number()).min(1) })],
    ['a tuple as a list', object({ l: z.tuple([z.int(), z.int()]) }), object({ l: z.array(z.number()) })],
    ['a table with wider values', object({ t: z.record(z.string(), z.int()) }), object({ t: z.record(z.string(), z.int().nullable()) })],
    ['an open object', object({}), z.looseObject(base)],
    ['a pattern that is gone', object({ s: z.string().regex(/^a/) }), object({ s: z.string() })],
    ['any UUID for one of version 7', object({ s: z.uuidv7() }), object({ s: z.uuid() })],
    ['instants of any offset', object({ s: z.iso.datetime() }), object({ s: z.iso.datetime({ offset: true }) })],
    ['anything', object({ s: z.int() }), object({ s: z.unknown() })],
    ['a tree that allows more', tree(z.int()), tree(z.number())],
    ['another description', object({ s: z.int().describe('one') }), object({ s: z.int().describe('other').meta({ title: 'S' }) })],
  ])('%s', (_, before, after) => {
    expect(compare(before, after)).toEqual([]);
  });
});

describe('stored data may not fit', () => {
  test.each<[string, Schema, Schema, readonly Misfit[]]>([
    ['a field more', object({}), object({ n: z.int() }), [{ path: 'n', was: 'not there', is: expect.stringContaining('required') }]],
    [
      'a default',
      object({}),
      object({ n: z.int().default(1) }),
      [{ path: 'n', was: 'not there', is: expect.stringContaining('required') }],
    ],
    [
      'a field that became required',
      object({ n: z.string().optional() }),
      object({ n: z.string() }),
      [{ path: 'n', was: 'optional', is: 'required, string' }],
    ],
    ['a field less', object({ n: z.string() }), object({}), [{ path: 'n', was: 'string', is: 'not allowed' }]],
    [
      'a field with another name',
      object({ n: z.string() }),
      object({ m: z.string().optional() }),
      [{ path: 'n', was: 'string', is: 'not allowed' }],
    ],
    ['another type', object({ n: z.string() }), object({ n: z.int() }), [{ path: 'n', was: 'string', is: 'integer' }]],
    ['integers only', object({ n: z.number() }), object({ n: z.int() }), [{ path: 'n', was: 'number', is: 'integer' }]],
    [
      'no null any more',
      object({ n: z.string().nullable() }),
      object({ n: z.string() }),
      [{ path: 'n', was: 'string or null', is: 'string' }],
    ],
    ['a narrower limit', object({ n: z.int().min(0) }), object({ n: z.int().min(1) }), [{ path: 'n', was: 'minimum 0', is: 'minimum 1' }]],
    [
      'a limit made exclusive',
      object({ n: z.number().min(0) }),
      object({ n: z.number().gt(0) }),
      [{ path: 'n', was: 'no exclusiveMinimum', is: 'exclusiveMinimum 0' }],
    ],
    [
      'a shorter text',
      object({}),
      z.strictObject({ ...base, note: z.string().max(19) }),
      [{ path: 'note', was: 'maxLength 20', is: 'maxLength 19' }],
    ],
    ['a value less', object({ s: z.enum(['a', 'b']) }), object({ s: z.enum(['a']) }), [{ path: 's', was: 'one of "a", "b"', is: '"a"' }]],
    [
      'an alternative less',
      object({ s: z.union([z.string(), z.int()]) }),
      object({ s: z.string() }),
      [expect.objectContaining({ path: 's' })],
    ],
    [
      'a field of a kind changed',
      object({ s: kinds(z.string()) }),
      object({ s: kinds(z.int()) }),
      [{ path: 's.value', was: 'string', is: 'integer' }],
    ],
    [
      'a field of a list of objects',
      lines(z.int()),
      lines(z.int().min(5)),
      [{ path: 'lines[].n', was: expect.any(String), is: 'minimum 5' }],
    ],
    [
      'a new pattern',
      object({ s: z.string() }),
      object({ s: z.string().regex(/^a/) }),
      [{ path: 's', was: 'no pattern', is: 'pattern ^a' }],
    ],
    [
      'another pattern',
      object({ s: z.string().startsWith('a') }),
      object({ s: z.string().startsWith('b') }),
      [expect.objectContaining({ path: 's' })],
    ],
    ['UUIDs of version 7 only', object({ s: z.uuid() }), object({ s: z.uuidv7() }), [expect.objectContaining({ path: 's' })]],
    [
      'instants in UTC only',
      object({ s: z.iso.datetime({ offset: true }) }),
      object({ s: z.iso.datetime() }),
      [expect.objectContaining({ path: 's' })],
    ],
    ['a closed object', z.looseObject(base), object({}), [{ path: '*', was: 'anything', is: 'not allowed' }]],
    [
      'a finer step',
      object({ n: z.number().multipleOf(2) }),
      object({ n: z.number().multipleOf(4) }),
      [{ path: 'n', was: 'multipleOf 2', is: 'multipleOf 4' }],
    ],
    [
      'a tree that allows less',
      tree(z.number()),
      tree(z.int()),
      [expect.objectContaining({ path: 'value' }), expect.objectContaining({ path: 'children[].value' })],
    ],
    ['something else altogether', z.string(), object({}), [{ path: '', was: 'string', is: 'object' }]],
  ])('%s', (_, before, after, misfits) => {
    expect(compare(before, after)).toEqual(misfits);
  });

  test.each<[string, JsonSchema, JsonSchema]>([
    ['a keyword that is not known and differs', { type: 'array', contains: { const: 1 } }, { type: 'array', contains: { const: 2 } }],
    ['a keyword that is not known and new', {}, { if: { type: 'string' }, else: false }],
    ['alternatives that exclude each other, and overlap', { type: 'integer' }, { oneOf: [{ type: 'number' }, { type: 'integer' }] }],
    ['a reference that leads elsewhere', { $ref: 'https://example.com/a' }, { $ref: 'https://example.com/a' }],
    ['a reference to itself', { $ref: '#' }, { $ref: '#' }],
    [
      'the same reference to another definition',
      { $ref: '#/$defs/A', $defs: { A: { type: 'string' } } },
      { $ref: '#/$defs/A', $defs: { A: { type: 'null' } } },
    ],
    ['a keyword of a wrong form', { anyOf: 'x' }, { anyOf: 'y' }],
    ['a field that a pattern of names let through', named({}), named({ x1: { type: 'string' } })],
    [
      'what no part knows, of other parts',
      { allOf: [{ properties: { a: true, b: true } }], ...nothingElse },
      { allOf: [{ properties: { a: true } }], ...nothingElse },
    ],
  ])('%s', (_, before, after) => {
    expect(compareSchemas(before, after)).not.toEqual([]);
  });
});

test('what compares as fitting does fit: no value of the schema before is refused by the schema after', () => {
  let fitting = 0;
  fc.assert(
    fc.property(pairs(3), ({ before, after, value }) => {
      if (compare(before, after).length > 0) return;
      fitting++;
      for (const sample of fc.sample(value, 20)) {
        if (before.safeParse(sample).success) expect(after.safeParse(sample).error).toBeUndefined();
      }
    }),
    { numRuns: 3_000 },
  );
  expect(fitting).toBeGreaterThan(200); // the property must have something to say
});

interface Pair {
  readonly before: z.ZodType;
  readonly after: z.ZodType;
  /** Values that `before` mostly takes. */
  readonly value: fc.Arbitrary<unknown>;
}

/** Two schemas that are somewhat alike. */
function pairs(depth: number): fc.Arbitrary<Pair> {
  const [low, high] = [fc.integer({ min: 0, max: 2 }), fc.integer({ min: 2, max: 4 })];
  const leaves: fc.Arbitrary<Pair>[] = [
    fc.tuple(low, high, low, high).map(([a, b, c, d]) => ({
      before: z.string().min(a).max(b),
      after: z.string().min(c).max(d),
      value: fc.string({ minLength: a, maxLength: b }),
    })),
    fc.tuple(low, high, low, high, fc.boolean()).map(([a, b, c, d, whole]) => ({
      before: z.int().min(a).max(b),
      after: whole
        ? z
            .int()
            .min(c)
            .lt(d + 1)
        : z
            .number()
            .gt(c - 1)
            .max(d),
      value: fc.integer({ min: a, max: b }),
    })),
    fc.tuple(subset(), subset()).map(([a, b]) => ({ before: z.enum(a), after: z.enum(b), value: fc.constantFrom(...a) })),
    fc
      .tuple(subset(), low, high)
      .map(([a, b, c]) => ({ before: z.enum(a), after: z.string().min(b).max(c), value: fc.constantFrom(...a) })),
    fc.constantFrom(
      { before: z.boolean(), after: z.boolean(), value: fc.boolean() },
      { before: z.null(), after: z.unknown(), value: fc.constant(null) },
    ),
  ];
  if (depth === 0) return fc.oneof(...leaves);
  const inner = pairs(depth - 1);
  return fc.oneof(
    ...leaves,
    fc.tuple(inner, fc.constantFrom('none', 'both', 'after')).map(([pair, nullable]) => ({
      before: nullable === 'both' ? pair.before.nullable() : pair.before,
      after: nullable === 'none' ? pair.after : pair.after.nullable(),
      value: nullable === 'both' ? fc.option(pair.value) : pair.value,
    })),
    fc.tuple(inner, low, high, low, high).map(([pair, a, b, c, d]) => ({
      before: z.array(pair.before).min(a).max(b),
      after: z.array(pair.after).min(c).max(d),
      value: fc.array(pair.value, { minLength: a, maxLength: b }),
    })),
    fc.tuple(inner, inner, fc.boolean()).map(([one, other, more]) => ({
      before: more ? z.union([one.before, other.before]) : one.before,
      after: z.union([other.after, one.after]),
      value: more ? fc.oneof(one.value, other.value) : one.value,
    })),
    fc.tuple(inner, inner, fc.boolean(), fc.boolean(), fc.constantFrom('strict', 'loose', 'less')).map(([one, other, a, b, form]) => ({
      before: z.strictObject({ one: one.before, other: a ? other.before.optional() : other.before }),
      after: { strict: z.strictObject, loose: z.looseObject, less: z.strictObject }[form]({
        one: one.after,
        ...(form !== 'less' && { other: b ? other.after.optional() : other.after }),
      }),
      value: fc.record({ one: one.value, other: other.value }, { requiredKeys: a ? ['one'] : ['one', 'other'] }),
    })),
    fc.tuple(inner).map(([pair]) => ({
      before: z.record(z.string(), pair.before),
      after: z.record(z.string(), pair.after),
      value: fc.dictionary(fc.string(), pair.value, { noNullPrototype: true }),
    })),
  );
}

function subset(): fc.Arbitrary<[string, ...string[]]> {
  return fc.subarray(['a', 'bb', 'ccc', 'ddddd'], { minLength: 1 }) as fc.Arbitrary<[string, ...string[]]>; // minLength says so
}

function kind<K extends string, S extends z.ZodType>(name: K, value: S) {
  return z.strictObject({ kind: z.literal(name), value });
}

function kinds<S extends z.ZodType>(value: S) {
  return z.discriminatedUnion('kind', [kind('a', z.boolean()), kind('b', value)]);
}

function lines(n: z.ZodType) {
  return object({ lines: z.array(z.strictObject({ n, m: z.string() })) });
}

function tree(value: z.ZodType): z.ZodType {
  const node: z.ZodType = z.strictObject({ value, children: z.array(z.lazy(() => node)) });
  return node;
}
