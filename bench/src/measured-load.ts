import { request } from 'undici';
import type { BenchShop } from './bench-shop.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { type HttpLoad, httpLoad } from './http-load.ts';
import type { Draw } from './mixed-requests.ts';

const scrapeEverySeconds = 5; // a Prometheus asks every 15 s if nothing else is said

export interface MeasuredLoad {
  readonly load: HttpLoad;
  /** Milliseconds of CPU a request, of all processes of the shop. */
  readonly cpuMs: number;
  /** The same of each process, with that of the load generator. */
  readonly cpuMsOf: ReadonlyMap<string, number>;
}

/** Sends requests to a shop while it is scraped. */
export async function measuredLoad(
  shop: BenchShop,
  options: { readonly connections: number; readonly seconds: number; readonly seed: number; readonly draw: Draw },
): Promise<MeasuredLoad> {
  const scraping = setInterval(() => void Promise.all(shop.metricsUrls.map(scrape)), scrapeEverySeconds * 1_000);
  const [before, own] = [await cpuOf(shop), process.cpuUsage()];
  const load = await httpLoad({ url: shop.url, ...options });
  clearInterval(scraping);
  const { user, system } = process.cpuUsage(own);
  const each = (spent: number): number => (spent * 1_000) / (load.rate * options.seconds);
  const ofShop = [...(await cpuOf(shop))].map(([name, total]) => [name, each(total - (before.get(name) ?? 0))] as const);
  return {
    load,
    cpuMs: ofShop.reduce((sum, [, spent]) => sum + spent, 0),
    cpuMsOf: new Map([...ofShop, ['load', each((user + system) / 1e6)]]),
  };
}

function cpuOf(shop: BenchShop): Promise<ReadonlyMap<string, number>> {
  return shop.processIds().then((ids) => cpuSeconds(ids, new Set(['postgres'])));
}

async function scrape(url: string): Promise<void> {
  const { body } = await request(url);
  await body.dump();
}
