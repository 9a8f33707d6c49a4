import { KirokuError, type ParkedKey } from '@kiroku/core';

/** A parked key as people name it: `product/0193…`; table, then key. */
export function parkedReference({ table, keyText }: Pick<ParkedKey, 'table' | 'keyText'>): string {
  return `${table}/${keyText}`;
}

/**
 * The parked keys that a reference means, in whatever builds: `table/key` as it is listed, or the key alone if one table has it. Throws
 * `NotFound`, and `BadRequest` if it may be one of several.
 */
export function findParked(parked: readonly ParkedKey[], reference: string): readonly ParkedKey[] {
  const exact = parked.filter((key) => parkedReference(key) === reference);
  if (exact.length > 0) return exact;
  const found = parked.filter(({ keyText }) => keyText === reference);
  const tables = new Set(found.map(({ table }) => table));
  if (tables.size === 1) return found;
  if (tables.size === 0)
    throw new KirokuError('NotFound', `No key "${reference}" is parked. \`kiroku projection parked list\` shows those that are.`);
  const several = [...tables].map((table) => parkedReference({ table, keyText: reference }));
  throw new KirokuError('BadRequest', `"${reference}" is parked in several tables. Say which: ${several.join(' or ')}.`);
}
