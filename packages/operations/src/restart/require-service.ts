import { KirokuError } from '@kiroku/core';
import { meantName } from '../config/meant-name.ts';

/** Throws `NotFound` unless it is the name of a service, with the one that was probably meant. */
export function requireService(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  throw new KirokuError('NotFound', `There is no service "${name}". ${meantName(name, names)}`);
}
