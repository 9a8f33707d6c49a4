import type { Metrics } from '@kiroku/service';
import type { GraphQLFormattedError } from 'graphql';

const kinds = ['fault', 'rejection', 'invalid'] as const;

/** Counts answers with errors, by the worst in them: over HTTP, most of them are answered with 200. */
export function countFailedOperations(metrics: Metrics): (errors: readonly GraphQLFormattedError[] | undefined) => void {
  const failed = metrics.counter('failedOperations');
  for (const kind of kinds) failed.inc({ kind }, 0); // known from the start: a rate needs two values
  return (errors = []) => failed.inc({ kind: kinds.find((kind) => errors.some(({ extensions }) => extensions?.kind === kind)) ?? 'fault' });
}
