import type { JsonObject } from '@kiroku/core';
import { asSchema, asSchemas, constraintsOf, isObject, type JsonSchema } from './json-schema.ts';

/** A schema as parts that must all hold. */
export type Part =
  | { readonly kind: 'plain'; readonly schema: JsonObject }
  | { readonly kind: 'anyOf' | 'oneOf'; readonly branches: readonly JsonSchema[] };

/** Splits a schema into the parts that must all hold, with references to its own definitions resolved; `false` if nothing can be let through. */
export function partsOf(schema: JsonSchema, root: JsonSchema, within: readonly JsonSchema[] = []): readonly Part[] | false {
  if (schema === true) return [];
  if (schema === false) return false;
  const { $ref, allOf, anyOf, oneOf, ...plain } = schema;
  const parts: Part[] = constraintsOf(plain).length > 0 ? [{ kind: 'plain', schema: plain }] : [];
  for (const [kind, value] of [
    ['anyOf', anyOf],
    ['oneOf', oneOf],
  ] as const) {
    const branches = asSchemas(value);
    if (branches !== undefined) parts.push({ kind, branches });
    else if (value !== undefined) parts.push({ kind: 'plain', schema: { [kind]: value } });
  }
  const found = $ref === undefined ? true : resolve($ref, root);
  const target = found === undefined || within.includes(found) ? undefined : found; // one that only refers to itself says nothing
  if (target === undefined) parts.push({ kind: 'plain', schema: { ...($ref !== undefined && { $ref }) } });
  for (const each of [...(asSchemas(allOf) ?? []), target ?? true]) {
    const inner = partsOf(each, root, [...within, schema]);
    if (inner === false) return false;
    parts.push(...inner);
  }
  return parts;
}

/** `#` or `#/$defs/Name`; `undefined` for what is not in this schema. */
function resolve($ref: unknown, root: JsonSchema): JsonSchema | undefined {
  if ($ref === '#') return root;
  if (typeof $ref !== 'string' || !$ref.startsWith('#/')) return undefined;
  let target: unknown = root;
  for (const step of $ref.slice(2).split('/')) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined;
    target = (target as JsonObject)[key]; // just looked at
  }
  return isObject(target as JsonObject) || typeof target === 'boolean' ? asSchema(target as JsonObject) : undefined; // part of a JSON value
}
