// The worker of the live benchmark, in a process of its own.
import { once } from 'node:events';
import { ProjectionWorker } from '@kiroku/engine';
import { createPool, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { orderTotals, salesPerDay } from './orders-application.ts';

const urls = JSON.parse(process.env.BENCH_URLS ?? '{}') as { readonly event_store: string; readonly query_db: string }; // the benchmark's
await using eventStore = new PostgresEventStore({ url: urls.event_store });
await eventStore.start();
const pool = createPool({ url: urls.query_db, applicationName: 'kiroku-bench-worker' });
const readModels = new PostgresReadModelStore({ pool });
const worker = new ProjectionWorker({ eventStore, readModels, projections: [orderTotals, salesPerDay], instance: `bench:${process.pid}` });
await worker.start();
await once(process, 'SIGTERM');
await worker.stop();
await pool.end();
process.disconnect();
