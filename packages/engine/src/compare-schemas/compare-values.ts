import type { JsonArray, JsonObject, JsonValue } from '@kiroku/core';
import { isSame, type Misfit } from './json-schema.ts';

type TypeName = 'null' | 'boolean' | 'object' | 'array' | 'number' | 'integer' | 'string';
const anyType: readonly TypeName[] = ['null', 'boolean', 'object', 'array', 'number', 'string'];

/** The values a schema lists; `undefined` if it lists none. */
export function valuesOf(schema: JsonObject): JsonArray | undefined {
  if (schema.const !== undefined) return [schema.const];
  return Array.isArray(schema.enum) ? (schema.enum as JsonArray) : undefined; // Array.isArray does not narrow readonly lists
}

export function typesOf(schema: JsonObject): readonly TypeName[] {
  const { type } = schema;
  const values = valuesOf(schema);
  if (type === undefined) return values === undefined ? anyType : [...new Set(values.map(typeOf))];
  return (Array.isArray(type) ? type : [type]) as readonly TypeName[]; // as JSON Schema has it
}

/** What schemas that list values, or name types, let through. */
export function compareValues(before: JsonObject, after: JsonObject, path: string): readonly Misfit[] {
  const [old, allowed] = [valuesOf(before), valuesOf(after)];
  if (allowed !== undefined && (old === undefined || !old.every((value) => allowed.some((each) => isSame(each, value))))) {
    return [{ path, was: old === undefined ? typesOf(before).join(' or ') : listed(old), is: listed(allowed) }];
  }
  const types = typesOf(after);
  const fits = (type: TypeName) => types.includes(type) || (type === 'integer' && types.includes('number'));
  return typesOf(before).every(fits) ? [] : [{ path, was: typesOf(before).join(' or '), is: types.join(' or ') }];
}

/** A listed value as the narrowest schema of its type, so that it can be compared with bounds. */
export function narrowest(value: JsonValue): JsonObject {
  const type = typeOf(value);
  if (typeof value === 'number') return { type, const: value, minimum: value, maximum: value };
  if (typeof value !== 'string') return { type, const: value };
  const characters = Array.from(value).length; // JSON Schema counts characters, schema libraries count UTF-16 units: keep the wider of both
  return { type, const: value, minLength: characters, maxLength: value.length };
}

function typeOf(value: JsonValue): TypeName {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'string' | 'boolean' | 'object'; // what else JSON has
}

function listed(values: JsonArray): string {
  const text = values.map((value) => JSON.stringify(value)).join(', ');
  return `${values.length === 1 ? '' : 'one of '}${text.length > 100 ? `${text.slice(0, 99)}…` : text}`;
}

/** The same as several schemas that are easier to compare with alternatives: one for each listed value or each type. */
export function alternativesOf(schema: JsonObject): readonly JsonObject[] {
  const values = valuesOf(schema);
  if (values !== undefined) return values.map(narrowest);
  return Array.isArray(schema.type) ? typesOf(schema).map((type) => ({ ...schema, type })) : [schema];
}
