// Rebuilds of read models: one row per stream, many streams to a row, and at ten times the size; the peer's in the same run.
// BENCH_EVENTS sets the size, BENCH_LARGE the larger one (0: none), BENCH_PEER_EVENTS the peer's (0: none).
import Table from 'cli-table3';
import { ordersInstalled, runJob } from './orders.ts';
import { peerRebuildRate } from './peer-rebuild.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const large = Number(process.env.BENCH_LARGE ?? 10_000_000);
const peerEvents = Number(process.env.BENCH_PEER_EVENTS ?? 10_000);
const memoryBytes = 512_000_000;
const rounds = 3;

await using server = await startServer();
process.stdout.write(`Node ${process.version}, PostgreSQL ${server.version}, ten events to a stream, memory ${memoryBytes / 1e6} MB\n`);
const table = new Table({ head: ['', 'events', 'seconds', 'events/s', 'rows', "CPU of Node's, s", 'heap, MB'] });
const peer = peerEvents > 0 ? await peerRebuildRate(server, peerEvents) : undefined;
let ours = 0;
for (const count of [events, large]) {
  if (count === 0) continue;
  const urls = await ordersInstalled(server, count);
  for (const name of ['order-totals', 'sales-per-day']) {
    const runs = [];
    for (let round = 0; round < (count === events ? rounds : 1); round++) {
      runs.push(await runJob(urls, 'projection rebuild', { projections: [{ name, version: 1 }], memoryBytes, maxLagSeconds: 0 }));
    }
    const middle = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs.length / 2)];
    if (middle === undefined) throw new Error('No runs to take the median of.');
    const { projections } = middle.result as { readonly projections: readonly { readonly rows: number }[] }; // of this job
    const rate = count / middle.seconds;
    if (name === 'order-totals' && count === events) ours = rate;
    table.push([
      name,
      ...[
        count,
        middle.seconds.toFixed(1),
        Math.round(rate),
        projections[0]?.rows,
        middle.cpuSeconds.toFixed(1),
        Math.round(middle.heap / 1e6),
      ].map(shown),
    ]);
  }
}
process.stdout.write(`${table.toString()}\n`);
if (peer !== undefined)
  process.stdout.write(`Emmett, ${shown(peerEvents)} events: ${shown(Math.round(peer))}/s; ratio ${Math.round(ours / peer)}\n`);

function shown(value: number | string | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '');
}
