import { KirokuError, type Projection } from '@kiroku/core';

/** Throws `ProjectionUnsupported` if a projection runs SQL of its own, so that what its rows should be cannot be told. */
export function requireFolds({ kind, name }: Projection, what: string): void {
  if (kind === 'fold') return;
  throw new KirokuError(
    'ProjectionUnsupported',
    `${name} runs SQL of its own, so it cannot be ${what}. \`kiroku projection rebuild ${name}\` makes it anew as a whole.`,
  );
}
