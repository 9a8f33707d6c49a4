// Appends against the peer Emmett: same server, same events, alternating rounds, the median of three.
import Table from 'cli-table3';
import { type Contestant, emmett, kiroku } from './contestants.ts';
import { copyLimit } from './copy-limit.ts';
import { type Load, load, median } from './load.ts';
import { startServer } from './server.ts';

const cases = [
  { title: '1 writer', writers: 1, events: 1 },
  { title: '64 writers', writers: 64, events: 1 },
  { title: '256 writers', writers: 256, events: 1 },
  { title: '64 writers × 10 events', writers: 64, events: 10 },
] as const;
const rounds = 3;
const seconds = Number(process.env.BENCH_SECONDS ?? 5);

await using server = await startServer();
await using ours = await kiroku(server);
await using theirs = await emmett(server);

process.stdout.write(`Node ${process.version}, PostgreSQL ${server.version}, fsync on, ${seconds} s a round, median of ${rounds}\n`);
process.stdout.write(`${ours.configuration} ${theirs.configuration}\n`);
const table = new Table({ head: ['', 'Kiroku events/s', 'p99 ms', 'Emmett events/s', 'p99 ms', 'ratio', 'p99 ratio'] });
let tens = 0;
for (const { title, writers, events } of cases) {
  const runs = { ours: [] as Load[], theirs: [] as Load[] };
  for (let round = 0; round < rounds; round++) {
    runs.ours.push(await measure(ours, writers, events));
    runs.theirs.push(await measure(theirs, writers, events));
  }
  const [mine, peer] = [median(runs.ours), median(runs.theirs)];
  if (events === 10) tens = mine.rate * events;
  table.push([
    title,
    Math.round(mine.rate * events).toLocaleString('en'),
    mine.p99.toFixed(1),
    Math.round(peer.rate * events).toLocaleString('en'),
    peer.p99.toFixed(1),
    `${(mine.rate / peer.rate).toFixed(1)} ×`,
    (mine.p99 / peer.p99).toFixed(2),
  ]);
}
process.stdout.write(`${table.toString()}\n`);
process.stdout.write(`Events in the logs at the end: Kiroku ${await ours.count()}, Emmett ${await theirs.count()}\n`);

const limit = await copyLimit(ours.url);
process.stdout.write(
  `COPY into the same table and indexes: ${Math.round(limit).toLocaleString('en')} rows/s; 64 writers × 10 events reach ${Math.round((100 * tens) / limit)} % of it\n`,
);

function measure(contestant: Contestant, writers: number, events: number): Promise<Load> {
  return load({ writers, seconds, operation: () => contestant.append(events) });
}
