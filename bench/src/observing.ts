// What observing costs: nine reads to a command through GraphQL, and commands alone, in two shops that take turns, one of them without what observes it
// (logs, contexts of log lines, metrics, audit, traces). Processes differ from start to start by more than that, so both are started anew several times;
// what counts is the median over all pairs of rounds. BENCH_STARTS sets how often, BENCH_ROUNDS the pairs of each start, BENCH_SECONDS their length.
import { type BenchShop, startShop } from './bench-shop.ts';
import { quantile } from './load.ts';
import { measuredLoad } from './measured-load.ts';
import { commands, mixed } from './mixed-requests.ts';
import { type Stocked, stockShop } from './mixed-shop.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 6);
const rounds = Number(process.env.BENCH_ROUNDS ?? 4);
const starts = Number(process.env.BENCH_STARTS ?? 5);
const connections = Number(process.env.BENCH_CONNECTIONS ?? 32);
const warmUpSeconds = Number(process.env.BENCH_WARM_UP_SECONDS ?? 25);
/** A shop that has waited while the other was measured has lost answers that it keeps for a minute, and its place in the processor's caches. */
const leadInSeconds = 3;
const kinds = [
  { what: '9 reads to 1 command', drawOf: mixed },
  { what: 'commands', drawOf: commands },
] as const;

const unobserved = { NODE_OPTIONS: `--import ${new URL('./without-observation.js', import.meta.url).href}`, LOG_LEVEL: 'silent' };
await using shippedShop = await startShop({ isUnbundled: true });
await using silentShop = await startShop({ isUnbundled: true, environment: unobserved });
const shipped = await opened(shippedShop);
const silent = await opened(silentShop);
console.log(`Node ${process.version}, ${connections} connections, ${starts} starts, ${rounds} pairs of ${seconds} s each`);

interface Costs {
  readonly rate: number[];
  readonly cpu: number[];
  /** Milliseconds a request, by process. */
  readonly shipped: ReadonlyMap<string, number>[];
  readonly silent: ReadonlyMap<string, number>[];
}
const costs = new Map(kinds.map(({ what }): [string, Costs] => [what, { rate: [], cpu: [], shipped: [], silent: [] }]));
for (let start = 0; start < starts; start++) {
  if (start > 0) for (const { shop } of [shipped, silent]) await shop.restart();
  for (const { what, drawOf } of kinds) {
    const load = (of: Opened, seed: number, length: number) =>
      measuredLoad(of.shop, { connections, seconds: length, seed, draw: drawOf(of.stocked) });
    const run = async (of: Opened, seed: number) => {
      await load(of, 98, leadInSeconds);
      return await load(of, seed, seconds);
    };
    for (const each of [shipped, silent]) await load(each, 99, warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      // by turns which comes first: the host becomes slower or quicker meanwhile
      const [first, second] = round % 2 === 0 ? [shipped, silent] : [silent, shipped];
      const [one, other] = [await run(first, round), await run(second, round)];
      const [observed, bare] = round % 2 === 0 ? [one, other] : [other, one];
      const cost = costs.get(what);
      cost?.rate.push(1 - observed.load.rate / bare.load.rate);
      cost?.cpu.push(observed.cpuMs / bare.cpuMs - 1);
      cost?.shipped.push(observed.cpuMsOf);
      cost?.silent.push(bare.cpuMsOf);
      const [rate, bareRate] = [observed, bare].map(({ load }) => load.rate.toFixed(0));
      console.log(
        `  start ${start + 1}, ${what}: ${rate}/s, ${observed.cpuMs.toFixed(2)} ms of CPU; nothing observed ${bareRate}/s, ${bare.cpuMs.toFixed(2)} ms`,
      );
    }
  }
}
for (const [what, { rate, cpu, shipped: observed, silent: bare }] of costs) {
  console.log(`${what}: observing costs ${told(rate)} of the rate, ${told(cpu)} more CPU`);
  const names = [...(observed[0]?.keys() ?? [])];
  const each = names.map((name) => `${name} ${middle(observed, name).toFixed(2)} (${middle(bare, name).toFixed(2)})`);
  console.log(`  ms of CPU a request, in brackets if nothing is observed: ${each.join(', ')}`);
}

interface Opened {
  readonly shop: BenchShop;
  readonly stocked: Stocked;
}

async function opened(shop: BenchShop): Promise<Opened> {
  return { shop, stocked: await stockShop(shop.url) };
}

function middle(runs: readonly ReadonlyMap<string, number>[], name: string): number {
  const sorted = runs.map((run) => run.get(name) ?? 0).sort((a, b) => a - b);
  return quantile(sorted, 0.5);
}

/** The median, and the middle half of all. */
function told(shares: readonly number[]): string {
  const sorted = [...shares].sort((a, b) => a - b);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => (quantile(sorted, share) * 100).toFixed(1));
  return `${middle} % (${low} to ${high})`;
}
