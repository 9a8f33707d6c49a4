// Requests through GraphQL, nine reads to a command, and commands alone: the whole shop and the load generator on this machine. Two shops take turns, one
// of them without what observes it (logs, contexts of log lines, metrics, audit, traces): what that costs. Then reads alone, beside those of a bare stack
// of the same libraries. BENCH_SECONDS sets the length of a round, BENCH_WARM_UP_SECONDS that of what goes before.
import { request } from 'undici';
import { startBareStack } from './bare-stack.ts';
import { type BenchShop, startShop } from './bench-shop.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { type HttpLoad, httpLoad } from './http-load.ts';
import { commands, type Draw, mixed, reads } from './mixed-requests.ts';
import { type Stocked, stockShop } from './mixed-shop.ts';

const seconds = Number(process.env.BENCH_SECONDS ?? 10);
const connections = Number(process.env.BENCH_CONNECTIONS ?? 32);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const warmUpSeconds = Number(process.env.BENCH_WARM_UP_SECONDS ?? 30); // V8 has compiled what it will after some 30,000 requests
const scrapeEverySeconds = 5; // a Prometheus asks every 15 s if nothing else is said

const unobserved = { NODE_OPTIONS: `--import ${new URL('./without-observation.js', import.meta.url).href}`, LOG_LEVEL: 'silent' };
await using observedShop = await startShop({ isUnbundled: true });
await using bareShop = await startShop({ isUnbundled: true, environment: unobserved });
const shops = [await opened('as shipped', observedShop), await opened('nothing observed', bareShop)] as const;
console.log(`Node ${process.version}, ${connections} connections, ${seconds} s a round, median of ${rounds}; CPU in ms a request`);

await compare('9 reads to 1 command', mixed);
await compare('commands', commands);
await compareToBareStack(shops[0]);

interface Opened {
  readonly name: string;
  readonly shop: BenchShop;
  readonly stocked: Stocked;
}

async function opened(name: string, shop: BenchShop): Promise<Opened> {
  return { name, shop, stocked: await stockShop(shop.url) };
}

async function compare(what: string, drawOf: (stocked: Stocked) => Draw): Promise<void> {
  const rates = new Map<string, readonly HttpLoad[]>();
  for (const each of shops) await measured(each, drawOf(each.stocked), { seed: 99, tell: false, length: warmUpSeconds });
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? shops : [...shops].reverse()) {
      const run = await measured(each, drawOf(each.stocked), { seed: round, tell: round === 0 });
      rates.set(each.name, [...(rates.get(each.name) ?? []), run]);
    }
  }
  const [shipped, bare] = shops.map(({ name }) => median(rates.get(name) ?? [])) as [HttpLoad, HttpLoad]; // there are two
  for (const [name, load] of [
    ['as shipped', shipped],
    ['nothing observed', bare],
  ] as const) {
    const { rate, p50, p95, p99, failed } = load;
    console.log(
      `${what}, ${name}: ${rate.toFixed(0)}/s, p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} failed`,
    );
  }
  for (const { failure } of [...rates.values()].flat()) if (failure !== undefined) console.log(`  an error: ${failure}`);
  console.log(`${what}: observing costs ${((1 - shipped.rate / bare.rate) * 100).toFixed(1)} % of the rate`);
}

/** Reads alone, and those of a gateway and a query server that do nothing besides: what the libraries and the machine allow. */
async function compareToBareStack({ shop, stocked }: Opened): Promise<void> {
  using bare = await startBareStack(shop.databaseUrl('query_db'));
  const rates = { shop: [] as number[], bare: [] as number[] };
  for (const [name, url] of [
    ['shop', shop.url],
    ['bare', bare.url],
  ] as const) {
    await httpLoad({ url, connections, seconds: warmUpSeconds, seed: 99, draw: reads(stocked) });
    for (let round = 0; round < rounds; round++) {
      const { rate, failed, failure } = await httpLoad({ url, connections, seconds, seed: round, draw: reads(stocked) });
      if (failed > 0) console.log(`  ${failed} failed: ${failure}`);
      rates[name].push(rate);
    }
  }
  const [ours, theirs] = [rates.shop, rates.bare].map((all) => all.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0) as [number, number];
  console.log(
    `reads: ${ours.toFixed(0)}/s, a bare stack of the same libraries ${theirs.toFixed(0)}/s: ${((ours / theirs) * 100).toFixed(0)} %`,
  );
}

async function measured(
  { name, shop }: Opened,
  draw: Draw,
  { seed, tell, length = seconds }: { readonly seed: number; readonly tell: boolean; readonly length?: number },
): Promise<HttpLoad> {
  const scraping = setInterval(() => void Promise.all(shop.metricsUrls.map(scrape)), scrapeEverySeconds * 1_000);
  const [before, own] = [await cpuOf(shop), process.cpuUsage()];
  const load = await httpLoad({ url: shop.url, connections, seconds: length, seed, draw });
  clearInterval(scraping);
  const { user, system } = process.cpuUsage(own);
  const spent = [...(await cpuOf(shop))].map(([process, total]) => [process, total - (before.get(process) ?? 0)] as const);
  const requests = load.rate * length;
  const parts = [...spent, ['load', (user + system) / 1e6] as const];
  if (tell) console.log(`  ${name}: ${parts.map(([part, s]) => `${part} ${((s * 1_000) / requests).toFixed(2)}`).join(', ')}`);
  return load;
}

function cpuOf(shop: BenchShop): Promise<ReadonlyMap<string, number>> {
  return shop.processIds().then((ids) => cpuSeconds(ids, new Set(['postgres'])));
}

async function scrape(url: string): Promise<void> {
  const { body } = await request(url);
  await body.dump();
}

function median(runs: readonly HttpLoad[]): HttpLoad {
  const middle = [...runs].sort((a, b) => a.rate - b.rate)[Math.floor(runs.length / 2)];
  if (middle === undefined) throw new Error('There are no runs to take the median of.');
  return middle;
}
