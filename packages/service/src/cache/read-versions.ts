import type { Projection } from '@kiroku/core';

/** The header in which an answer says which versions of read models it comes from. */
export const versionsHeader = 'x-kiroku-read-models';

/** Read models in their versions, as text. */
export function versionsOf(reads: readonly Pick<Projection, 'name' | 'version'>[]): string {
  return reads.map(({ name, version }) => `${name}@${version}`).join(' ');
}
