import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '@kiroku/core';

/** JSON Schema 2020-12, as schema libraries emit it. */
export type JsonSchema = JsonObject | boolean;

/** One thing that data of the schema before may have and the schema after does not let through. */
export interface Misfit {
  /** `lines[].quantity`; `''` for the data itself. */
  readonly path: string;
  readonly was: string;
  readonly is: string;
}

/** Compares two schemas that stand at the same place: what of the one before does not fit the one after. */
export type Compare = (before: JsonSchema, after: JsonSchema, path: string) => readonly Misfit[];

const annotations = new Set(
  '$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly id'.split(' '),
);

/** The keywords that say what is let through. */
export function constraintsOf(schema: JsonObject): readonly string[] {
  return Object.keys(schema).filter((keyword) => schema[keyword] !== undefined && !annotations.has(keyword));
}

/** A keyword's value as a schema; one that is absent lets everything through. */
export function asSchema(value: JsonValue | undefined): JsonSchema {
  if (value === undefined) return true;
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { unreadable: value };
  const { not, ...others } = value as JsonObject; // it is no list
  const nothing = (not === true || (isObject(not) && constraintsOf(not).length === 0)) && constraintsOf(others).length === 0;
  return nothing ? false : (value as JsonObject);
}

export function asSchemas(value: JsonValue | undefined): readonly JsonSchema[] | undefined {
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(asSchema) : undefined; // Array.isArray does not narrow readonly lists
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSame(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return isDeepStrictEqual(one, other);
}

/** A schema in a few words, for people. */
export function describe(schema: JsonSchema): string {
  if (typeof schema === 'boolean') return schema ? 'anything' : 'not allowed';
  if (constraintsOf(schema).length === 0) return 'anything';
  const shown = Object.fromEntries(constraintsOf(schema).map((keyword) => [keyword, schema[keyword]]));
  const { type, ...others } = shown;
  if (typeof type === 'string' && (Object.keys(others).length === 0 || type === 'object' || type === 'array')) return type;
  const text = JSON.stringify(shown);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
