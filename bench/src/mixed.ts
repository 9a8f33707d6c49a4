// Requests through GraphQL, nine reads to a command, and commands alone: the whole shop and the load generator on this machine. Then reads alone, beside
// those of a bare stack of the same libraries. BENCH_SECONDS sets the length of a round, BENCH_WARM_UP_SECONDS that of what goes before,
// BENCH_CONNECTIONS and BENCH_COMMAND_CONNECTIONS how many requests are under way: more commands wait for one another without being carried out sooner.
import { startBareStack } from './bare-stack.ts';
import { startShop } from './bench-shop.ts';
import { type HttpLoad, httpLoad } from './http-load.ts';
import { type MeasuredLoad, measuredLoad } from './measured-load.ts';
import { commands, type Draw, mixed, reads } from './mixed-requests.ts';
import { stockShop } from './mixed-shop.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 10);
const connections = Number(process.env.BENCH_CONNECTIONS ?? 32);
const commandConnections = Number(process.env.BENCH_COMMAND_CONNECTIONS ?? 26);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const warmUpSeconds = Number(process.env.BENCH_WARM_UP_SECONDS ?? 30); // V8 has compiled what it will after some 30,000 requests

await using shop = await startShop();
const stocked = await stockShop(shop.url);
console.log(
  `Node ${process.version}, ${connections} connections (${commandConnections} for commands), ${seconds} s a round, median of ${rounds}; CPU in ms a request`,
);

await measure('9 reads to 1 command', mixed(stocked), connections);
await measure('commands', commands(stocked), commandConnections);
await compareToBareStack();

async function measure(what: string, draw: Draw, underWay: number): Promise<void> {
  await measuredLoad(shop, { connections: underWay, seconds: warmUpSeconds, seed: 99, draw });
  const runs: MeasuredLoad[] = [];
  for (let seed = 0; seed < rounds; seed++) runs.push(await measuredLoad(shop, { connections: underWay, seconds, seed, draw }));
  const { load, cpuMsOf } = median(runs);
  const { rate, p50, p95, p99, failed } = load;
  console.log(
    `${what}: ${rate.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} failed`,
  );
  console.log(`  ${[...cpuMsOf].map(([name, spent]) => `${name} ${spent.toFixed(2)}`).join(', ')}`);
  for (const { load: each } of runs) if (each.failure !== undefined) console.log(`  an error: ${each.failure}`);
}

/** Reads alone, and those of a gateway and a query server that do nothing besides: what the libraries and the machine allow. */
async function compareToBareStack(): Promise<void> {
  using bare = await startBareStack(shop.databaseUrl('query_db'));
  const ours = await middleRate(shop.url);
  const theirs = await middleRate(bare.url);
  console.log(
    `reads: ${ours.toFixed(0)}/s, a bare stack of the same libraries ${theirs.toFixed(0)}/s: ${((ours / theirs) * 100).toFixed(0)} %`,
  );
}

async function middleRate(url: string): Promise<number> {
  const draw = reads(stocked);
  await httpLoad({ url, connections, seconds: warmUpSeconds, seed: 99, draw });
  const runs: HttpLoad[] = [];
  for (let seed = 0; seed < rounds; seed++) runs.push(await httpLoad({ url, connections, seconds, seed, draw }));
  for (const { failed, failure } of runs) if (failed > 0) console.log(`  ${failed} failed: ${failure}`);
  return median(runs.map((load) => ({ load }))).load.rate;
}

function median<R extends { readonly load: HttpLoad }>(runs: readonly R[]): R {
  const middle = [...runs].sort((a, b) => a.load.rate - b.load.rate)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('There are no runs to take the median of.');
  return middle;
}
