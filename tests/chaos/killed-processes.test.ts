import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRunning, kill, kiroku, ownPorts, RunningShop, startedBefore } from '../shop/running-shop.ts';
import { kirokuShop } from '../traffic/kiroku-shop.ts';
import { everythingAgrees } from './agreement.ts';
import { Buyers } from './buyers.ts';

const soakMinutes = process.env.KIROKU_SOAK === '1' ? Number(process.env.KIROKU_SOAK_MINUTES ?? 12) : 0;
const victims = ['query-service', 'command-service', 'client-service', 'payment-simulator', 'PostgreSQL'] as const;
/** Those who end within a minute of their start are started again later and later: every one lives longer than that. */
const pauseMs = soakMinutes > 0 ? 12_500 : 0;
const faults = { lostShare: 0.02, errorShare: 0.02, delaySpreadMs: 20 };

let dataDirectory: string;
let environment: Readonly<Record<string, string>>;
let shop: RunningShop;

beforeAll(async () => {
  [dataDirectory, environment] = await Promise.all([startedBefore(), ownPorts()]);
  shop = await RunningShop.start({ dataDirectory, environment });
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await rm(dataDirectory, { recursive: true, force: true });
});

/** What the simulator is to do wrong until its end, besides what it was started with. */
async function misbehave(): Promise<void> {
  const url = `${shop.simulatorUrl}/behaviour`;
  const behaviour: object = JSON.parse(await (await fetch(url)).text());
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify({ ...behaviour, faults }) });
  if (!answer.ok) throw new Error(`The behaviour was refused: ${await answer.text()}`);
}

interface Bought {
  readonly acknowledged: readonly string[];
  readonly cancelled: readonly string[];
}

/** Lets shoppers in until the end is told; returns what they bought. */
async function letShoppersIn(rate: number, end: AbortSignal): Promise<Bought> {
  const args = ['--rate', String(rate), '--duration', '10h', '--shoppers', '40', '--restock', '100000', '--max-errors', '1', '--json'];
  const { code, stdout, stderr } = await kirokuShop(['traffic', '--url', `http://${shop.graphql.host}`, ...args], once(end, 'abort'));
  if (code !== 0) throw new Error(`The traffic ended with ${code}: ${stderr}`);
  return JSON.parse(stdout).orders;
}

async function ordersPlaced(): Promise<number> {
  return (await shop.askDatabase(`select from kiroku.events where type = 'OrderPlaced'`)).rows.length;
}

async function killInTurn(buyers: Buyers): Promise<void> {
  for (const end = Date.now() + soakMinutes * 60_000; ; ) {
    for (const victim of victims) {
      await Promise.all([buyers.bought(4), sleep(Math.random() * 500)]);
      await shop.kill(victim);
      if (victim === 'payment-simulator') await misbehave();
      await sleep(pauseMs);
    }
    if (Date.now() >= end) return;
  }
}

test(`stock, payments, shipments and orders agree to the unit, though services, simulator and database are killed in turn${soakMinutes > 0 ? ` for ${soakMinutes} minutes` : ''}`, {
  timeout: 240_000 + soakMinutes * 120_000,
}, async () => {
  await misbehave();
  const before = await ordersPlaced();
  const ending = new AbortController();
  const shopping = letShoppersIn(40, ending.signal);
  shopping.catch(() => undefined); // it is awaited below
  await expect.poll(ordersPlaced, { timeout: 60_000 }).toBeGreaterThan(before); // they have found the shop: what they ask now may fail
  await using buyers = await Buyers.start(() => shop, 4);
  await killInTurn(buyers).finally(() => ending.abort());
  const bought = await shopping;
  await buyers.stop();

  const acknowledged = [...buyers.acknowledged, ...bought.acknowledged];
  const { orders, completion } = await everythingAgrees(shop, acknowledged);
  expect(bought.cancelled.filter((id) => orders.get(id)?.status !== 'cancelled')).toEqual([]);
  if (soakMinutes > 0) console.info(`${orders.size} orders; of those that could complete, ${(completion * 100).toFixed(2)} % did`);
  expect(completion).toBeGreaterThan(0.99);
  expect(bought.acknowledged.length).toBeGreaterThan(5);
});

test('everything killed at once recovers at the next start', async () => {
  await using buyers = await Buyers.start(() => shop, 4);
  await buyers.bought(8);
  await shop.killEverything();
  await shop.graphql.close();
  shop = await RunningShop.start({ dataDirectory, environment });
  await buyers.stop();

  const { completion } = await everythingAgrees(shop, buyers.acknowledged);
  expect(completion).toBeGreaterThan(0.99);
});

test('a killed supervisor leaves no service behind, and the next start takes over', async () => {
  const { supervisor, services } = await shop.processIds();
  kill(supervisor);
  await expect.poll(() => Object.values(services).filter(isRunning), { timeout: 20_000 }).toEqual([]);
  await shop.graphql.close();

  shop = await RunningShop.start({ dataDirectory, environment });

  expect((await kiroku(shop, 'health', '--wait')).code).toBe(0);
});
