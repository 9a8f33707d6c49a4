import type { Tracing } from '@kiroku/service';
import type { QueryRoutesOptions } from './query-routes.ts';

type Reads = Pick<QueryRoutesOptions, 'waitFor' | 'moment' | 'snapshot'>;

/** The same, with a span for the waiting until the read models are far enough, and one for the reading. */
export function tracedReads({ waitFor, moment, snapshot }: Reads, tracing: Tracing | undefined): Reads {
  if (tracing === undefined) return { waitFor, moment, snapshot };
  const reading = {
    name: 'query_db read',
    kind: 'client' as const,
    attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'query_db', 'db.operation.name': 'read' },
  };
  return {
    waitFor: (reads, position, signal) =>
      tracing.during({ name: 'wait for read models', attributes: { 'kiroku.position': position } }, () => waitFor(reads, position, signal)),
    moment: (asked, what) => tracing.during(reading, () => moment(asked, what)),
    snapshot: (reads, what) => tracing.during(reading, () => snapshot(reads, what)),
  };
}
