import { KirokuError } from '@kiroku/core';
import { closest, distance } from 'fastest-levenshtein';

/** Throws `NotFound` unless it is the name of a service, with the one that was probably meant. */
export function requireService(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const nearest = names.length === 0 ? '' : closest(name, names);
  const isNear = nearest !== '' && distance(name, nearest) <= Math.max(2, Math.floor(name.length / 2));
  const hint = isNear ? `Did you mean "${nearest}"?` : `There are: ${names.join(', ')}.`;
  throw new KirokuError('NotFound', `There is no service "${name}". ${hint}`);
}
