// Rebuilds of read models: one row per stream, many streams to a row, one row per event in little memory, and at ten times the size; the peer's in
// the same run. BENCH_EVENTS sets the size, BENCH_LARGE the larger one (0: none), BENCH_PEER_EVENTS the peer's (0: none).
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { type Measured, ordersInstalled } from './orders.ts';
import { peerRebuildRate } from './peer-rebuild.ts';
import { startServer } from './server.ts';

const events = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const large = Number(process.env.BENCH_LARGE ?? 10_000_000);
const peerEvents = Number(process.env.BENCH_PEER_EVENTS ?? 10_000);
const processors = availableParallelism();
const gigabyte = 1024 ** 3;

await using server = await startServer();
process.stdout.write(`Node ${process.version}, PostgreSQL ${server.version}, ${processors} processors, ten events to a stream\n`);
const table = new Table({
  head: ['', 'events', 'threads', '--memory, MB', 'grown by, MB', 'seconds', 'events/s', 'rows', 'passes', "CPU of Node's, s"],
});
const peer = peerEvents > 0 ? await peerRebuildRate(server, peerEvents) : undefined;
const ours = await measure(events, [
  { name: 'order-totals', parallel: processors, rounds: 3 },
  { name: 'order-totals', parallel: 1, rounds: 3 },
  { name: 'sales-per-day', parallel: processors, rounds: 3 },
  { name: 'sales-per-day', parallel: 1, rounds: 3 },
  { name: 'added-items', parallel: processors, memoryBytes: 256 * 1024 ** 2 },
]);
if (large > 0) {
  await measure(large, [
    { name: 'order-totals', parallel: processors },
    { name: 'sales-per-day', parallel: processors },
  ]);
}
process.stdout.write(`${table.toString()}\n`);
if (peer !== undefined)
  process.stdout.write(`Emmett, ${shown(peerEvents)} events: ${shown(Math.round(peer))}/s; ratio ${Math.round(ours / peer)}\n`);

interface Wanted {
  readonly name: string;
  readonly parallel: number;
  readonly memoryBytes?: number;
  /** Of which the median is told. Default 1. */
  readonly rounds?: number;
}

/** Measures rebuilds from a log of this size; returns events a second of the first. */
async function measure(count: number, rebuilds: readonly Wanted[]): Promise<number> {
  const urls = await ordersInstalled(server, count);
  process.stdout.write(`${shown(count)} events are there\n`);
  const rates: number[] = [];
  for (const { name, parallel, memoryBytes = gigabyte, rounds = 1 } of rebuilds) {
    const runs: Measured[] = [];
    const args = { projections: [{ name, version: 1 }], parallel, memoryBytes, maxLagSeconds: 0 };
    for (let round = 0; round < rounds; round++) runs.push(await inProcess({ urls, args }));
    const middle = runs.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(rounds / 2)];
    if (middle === undefined) throw new Error('No runs to take the median of.');
    const { projections, events: read } = middle.result as {
      readonly projections: readonly { readonly rows: number }[];
      readonly events: number;
    }; // of this job
    rates.push(count / middle.seconds);
    const sizes = [count, parallel, Math.round(memoryBytes / 1e6), Math.round(middle.grown / 1e6)];
    process.stdout.write(`${name}, ${shown(count)} events, ${parallel} threads: ${shown(Math.round(count / middle.seconds))}/s\n`);
    const speeds = [middle.seconds.toFixed(1), Math.round(count / middle.seconds)];
    table.push([name, ...[...sizes, ...speeds, projections[0]?.rows, (read / count).toFixed(1), middle.cpuSeconds.toFixed(1)].map(shown)]);
  }
  return rates[0] ?? Number.NaN;
}

/** Each rebuild has a process of its own, as one of the command line has: memory that another took would not be counted. */
function inProcess(work: object): Promise<Measured> {
  const program = fork(fileURLToPath(new URL('./rebuild-once.js', import.meta.url)), {
    env: { ...process.env, BENCH_WORK: JSON.stringify(work) },
  });
  return new Promise((resolve, reject) => {
    program.on('message', (measured: Measured) => resolve(measured)); // its only one
    program.on('exit', (code) => reject(new Error(`The rebuild ended with exit code ${code} and no figures.`))); // nothing, once it has told them
  });
}

function shown(value: number | string | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en') : (value ?? '');
}
