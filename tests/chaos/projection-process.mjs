// Runs the projections of projection-sample.mjs with the databases in argv[2] and argv[3] until it is killed.
import { ProjectionWorker } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { leaseMs, sample } from './projection-sample.mjs';

const [eventStoreUrl, queryUrl] = process.argv.slice(2);
const pool = createPool({ url: queryUrl, applicationName: 'kiroku-chaos' });
const worker = new ProjectionWorker({
  eventStore: new PostgresEventStore({ url: eventStoreUrl }),
  readModels: new PostgresReadModelStore({ pool }),
  projections: [sample],
  instance: `chaos ${process.pid}`,
  leaseMs,
  pageSize: 20,
  retry: { baseMs: 20, capMs: 200 },
});
await worker.start();
process.stdout.write('running\n');
