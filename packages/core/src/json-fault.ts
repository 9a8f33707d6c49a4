const nestingLimit = 100;
const unstorable = /[\0\p{Surrogate}]/u; // with the u flag a surrogate only matches when it has no partner

/** What keeps a value from being stored as JSON and read back the same: where and why; `undefined` if nothing does. */
export function jsonFault(value: unknown, path = '', depth = 0): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined;
    case 'string':
      return unstorable.test(value) ? at(path, 'a text with a NUL character or half a surrogate pair') : undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : at(path, `the number ${value}`);
    case 'object':
      if (value === null) return undefined;
      if (depth === nestingLimit) return at(path, `more than ${nestingLimit} levels, or a cycle`);
      return Array.isArray(value) ? faultInArray(value, path, depth) : faultInObject(value, path, depth);
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
      return at(path, `a value of type ${typeof value}`);
  }
}

function faultInArray(array: readonly unknown[], path: string, depth: number): string | undefined {
  for (let index = 0; index < array.length; index++) {
    const fault = jsonFault(array[index], `${path}[${index}]`, depth + 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultInObject(object: object, path: string, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null)
    return at(path, `an instance of ${object.constructor.name}, not a plain object`);
  for (const [key, value] of Object.entries(object)) {
    const where = path === '' ? key : `${path}.${key}`;
    if (unstorable.test(key)) return at(where, 'a key with a NUL character or half a surrogate pair');
    const fault = value === undefined ? undefined : jsonFault(value, where, depth + 1); // JSON leaves undefined properties out
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function at(path: string, what: string): string {
  return `${path === '' ? 'it' : path.slice(0, 200)} is ${what}`;
}
