import type { JsonObject } from '@kiroku/core';
import { typesOf, valuesOf } from './compare-values.ts';
import { asSchema, isObject, isSame, type JsonSchema } from './json-schema.ts';

/** Can no value fit two of the schemas? Told by their types, or by a property that all must have with values of its own in each. */
export function areDisjoint(schemas: readonly JsonSchema[]): boolean {
  return schemas.every((one, index) => schemas.slice(index + 1).every((other) => differ(one, other)));
}

function differ(one: JsonSchema, other: JsonSchema): boolean {
  if (one === false || other === false) return true;
  if (one === true || other === true) return false;
  if (one.$ref !== undefined || other.$ref !== undefined) return false; // not looked up: they may be anything
  if (valuesDiffer(one, other)) return true;
  const shared = typesOf(one)
    .map(asNumber)
    .filter((type) => typesOf(other).map(asNumber).includes(type));
  return shared.every((type) => type === 'object' && tellApart(one, other));
}

function tellApart(one: JsonObject, other: JsonObject): boolean {
  const required = requiredOf(other);
  return requiredOf(one).some((name) => required.includes(name) && valuesDiffer(propertyOf(one, name), propertyOf(other, name)));
}

function valuesDiffer(one: JsonObject, other: JsonObject): boolean {
  const [values, others] = [valuesOf(one), valuesOf(other)];
  return values !== undefined && others !== undefined && !values.some((value) => others.some((each) => isSame(each, value)));
}

function requiredOf({ required }: JsonObject): readonly string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function propertyOf({ properties }: JsonObject, name: string): JsonObject {
  const property = isObject(properties) ? asSchema(properties[name]) : true;
  return typeof property === 'object' ? property : {};
}

function asNumber(type: string): string {
  return type === 'integer' ? 'number' : type;
}
