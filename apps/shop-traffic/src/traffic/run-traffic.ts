import { v7 as uuidv7 } from 'uuid';
import { readCatalogue, restock } from '../gateway/catalogue.ts';
import { requestOf } from '../gateway/documents.ts';
import { Gateway } from '../gateway/gateway.ts';
import { LiveLine } from '../report/live-line.ts';
import { type Report, reportOf } from '../report/report.ts';
import { Tally } from '../report/tally.ts';
import { zipf } from '../shopper/zipf.ts';
import { Traffic } from './traffic.ts';

export interface RunOptions {
  /** Of the gateway. */
  readonly url: string;
  readonly rate: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly concurrency: number;
  readonly shoppers: number;
  /** Share of orders that are paid with a token which the payment simulator declines. */
  readonly declines: number;
  /** Pieces of every product that are received first. */
  readonly restock?: number;
  /** Largest share of errors with which the run passes. */
  readonly maxErrorShare: number;
}

/** Lets shoppers into the shop; the signal ends the run early. Throws if the shop cannot be used at all. */
export async function runTraffic(options: RunOptions, signal: AbortSignal): Promise<Report> {
  await using gateway = new Gateway(options.url, options.concurrency);
  const catalogue = await readCatalogue(gateway);
  if (options.restock !== undefined) await restock(gateway, catalogue, options.restock);
  const tally = new Tally();
  using _live = new LiveLine(tally, process.stderr);
  const traffic = new Traffic({
    ...options,
    tally,
    world: { catalogue, wantedProduct: zipf(catalogue.products.length), newId: () => uuidv7(), declineShare: options.declines },
    perform: (action, session) => gateway.ask(requestOf(action), session),
  });
  return reportOf(tally, { ...options, sentForMs: await traffic.run(signal) });
}
