// How fast read models are compared with their log, the median of three. BENCH_EVENTS sets the size.
import Table from 'cli-table3';
import { ordersInstalled, runJob } from './orders.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const rounds = 3;

await using server = await startServer();
const urls = await ordersInstalled(server, events);
process.stdout.write(`Node ${process.version}, PostgreSQL ${server.version}, ${events.toLocaleString('en')} events, ten to a stream\n`);
const table = new Table({ head: ['', 'seconds', 'events/s', 'rows', 'findings'] });
for (const name of ['order-totals', 'sales-per-day']) {
  const wanted = { projections: [{ name, version: 1 }], maxLagSeconds: 0 };
  await runJob(urls, 'projection rebuild', wanted);
  const runs = [];
  for (let round = 0; round < rounds; round++) runs.push(await runJob(urls, 'projection verify', wanted));
  const middle = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(rounds / 2)];
  if (middle === undefined) throw new Error('No runs to take the median of.');
  const { projections, total } = middle.result as { readonly projections: readonly { readonly rows: number }[]; readonly total: number }; // of this job
  table.push([name, middle.seconds.toFixed(1), Math.round(events / middle.seconds).toLocaleString('en'), projections[0]?.rows, total]);
}
process.stdout.write(`${table.toString()}\n`);
