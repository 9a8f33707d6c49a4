import type { JsonObject } from '@kiroku/core';
import { compareCounts, misfit } from './compare-bounds.ts';
import { asSchema, asSchemas, type Compare, describe, isObject, type JsonSchema, type Misfit } from './json-schema.ts';

/** What schemas of objects let through. */
export function compareObjects(before: JsonObject, after: JsonObject, path: string, compare: Compare): readonly Misfit[] {
  const [old, present] = [propertiesOf(before), propertiesOf(after)];
  const found: Misfit[] = [];
  for (const name of new Set([...Object.keys(old.own), ...Object.keys(present.own)])) {
    found.push(...compareProperty(old, present, { name, path: joined(path, name) }, compare));
  }
  found.push(...compare(old.others, present.others, joined(path, '*')));
  // The names are texts, also where nothing says so.
  const names = (schema: JsonObject) => (schema.propertyNames === undefined ? { type: 'string' } : asSchema(schema.propertyNames));
  if (after.propertyNames !== undefined) found.push(...compare(names(before), names(after), joined(path, '(names)')));
  return [...found, ...compareCounts(before, after, { least: 'minProperties', most: 'maxProperties' }, path)];
}

interface Properties {
  readonly own: { readonly [name: string]: JsonSchema };
  readonly required: ReadonlySet<unknown>;
  /** What any other property has to be. */
  readonly others: JsonSchema;
  /** What one that is not named by itself may be: where there are patterns of names, anything. */
  readonly unnamed: JsonSchema;
}

function propertiesOf(schema: JsonObject): Properties {
  const { properties, required, additionalProperties, patternProperties } = schema;
  const own = Object.entries(isObject(properties) ? properties : {}).map(([name, each]) => [name, asSchema(each)] as const);
  return {
    own: Object.fromEntries(own),
    required: new Set(Array.isArray(required) ? required : []),
    others: asSchema(additionalProperties),
    unnamed: patternProperties === undefined ? asSchema(additionalProperties) : true,
  };
}

function compareProperty(
  old: Properties,
  present: Properties,
  { name, path }: { readonly name: string; readonly path: string },
  compare: Compare,
): readonly Misfit[] {
  const had = Object.hasOwn(old.own, name) ? ownOr(old, name) : old.unnamed;
  const has = ownOr(present, name);
  if (present.required.has(name) && !old.required.has(name)) {
    return [{ path, was: had === false ? 'not there' : 'optional', is: `required, ${describe(has)}` }];
  }
  return compare(had, has, path);
}

function ownOr({ own, others }: Properties, name: string): JsonSchema {
  return Object.hasOwn(own, name) ? (own[name] ?? others) : others;
}

/** What schemas of lists let through. */
export function compareLists(before: JsonObject, after: JsonObject, path: string, compare: Compare): readonly Misfit[] {
  const [first, others] = [asSchemas(before.prefixItems) ?? [], asSchemas(after.prefixItems) ?? []];
  const found: Misfit[] = [];
  const most = typeof before.maxItems === 'number' ? before.maxItems : Number.POSITIVE_INFINITY;
  const [oldRest, rest] = [asSchema(before.items), asSchema(after.items)];
  const places = Math.max(first.length, others.length);
  for (let place = 0; place < Math.min(places, most); place++) {
    found.push(...compare(first[place] ?? oldRest, others[place] ?? rest, `${path}[${place}]`));
  }
  if (most > places) found.push(...compare(oldRest, rest, `${path}[]`));
  if (after.uniqueItems === true && before.uniqueItems !== true) found.push(misfit(before, after, 'uniqueItems', path));
  return [...found, ...compareCounts(before, after, { least: 'minItems', most: 'maxItems' }, path)];
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
