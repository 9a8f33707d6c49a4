import type { JsonObject, JsonValue } from '@kiroku/core';

/** The value at a dotted path; `undefined` if it is not there. Throws `RangeError` where the path leads through a list or a text. */
export function fieldAt(data: JsonObject, field: string): JsonValue | undefined {
  return field.split('.').reduce((value: JsonValue | undefined, name) => {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) throw new RangeError(`${field} leads through ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`);
    return Object.hasOwn(value, name) ? value[name] : undefined;
  }, data);
}

/** The same data with another value at a path that is there; the order of the fields is kept. */
export function withField(data: JsonObject, field: string, value: JsonValue): JsonObject {
  const [name = '', ...rest] = field.split('.');
  const inner = data[name];
  return { ...data, [name]: rest.length > 0 && isObject(inner) ? withField(inner, rest.join('.'), value) : value };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
