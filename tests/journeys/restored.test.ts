import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Acknowledged, RememberingBuyer } from '../shop/remembering-buyer.ts';
import { kiroku, RunningShop } from '../shop/running-shop.ts';

describe('a shop whose log was dropped by mistake', () => {
  let shop: RunningShop;
  let buyer: RememberingBuyer;
  let before: number;
  beforeAll(async () => {
    shop = await RunningShop.start();
    buyer = new RememberingBuyer(shop.graphql);
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  const done = async (...args: readonly string[]) => {
    const said = await kiroku(shop, ...args);
    expect(said, `${args.join(' ')}: ${said.stderr}`).toMatchObject({ code: 0 });
    return said.stdout;
  };
  const orders = async () => {
    const { rows } = await shop.askDatabase(
      `select stream, count(*)::int as n from kiroku.events where type = 'OrderPlaced' group by stream`,
    );
    return new Map(rows.map(({ stream = '', n }) => [stream.replace('order-', ''), Number(n)]));
  };

  test('is backed up while it is used, and its log is kept from then on', async () => {
    await done('backup', 'continuous', 'enable');
    buyer.start();
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(5);
    await done('backup', 'create');
    const then = buyer.acknowledged.length;
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(then + 10);
    before = Date.now();
    const last = buyer.acknowledged.length;
    await expect.poll(() => buyer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(last + 5); // they will be lost
    await shop.askDatabase('drop table kiroku.events cascade');
    await buyer.stop();
  });

  test('is restored to the moment before, under the supervisor that runs', async () => {
    const told = await done('restore', '--at', new Date(before).toISOString(), '--yes', '--json');
    expect(JSON.parse(told)).toMatchObject({ timeline: 2 });
    await shop.untilReady();
  });

  test('has every order that was acknowledged before that moment, once, and none of those after it twice', async () => {
    const present = await orders();
    const kept = buyer.acknowledged.filter(({ at }) => at < before);
    expect(kept.length).toBeGreaterThan(10);
    for (const { orderId } of kept) expect(present.get(orderId), orderId).toBe(1);
    expect([...present.values()].every((count) => count === 1)).toBe(true);
  });

  test('is whole: the log, the read models, and what the doctor looks at', async () => {
    await done('events', 'verify', '--deep');
    await done('projection', 'verify');
    const { stdout } = await kiroku(shop, 'doctor', '--json');
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly { readonly code: string }[] };
    expect(findings.filter(({ code }) => code !== 'NotDurable')).toEqual([]); // the tests' servers are not
  });

  test('goes on, and refuses positions of what was lost, also when its log is longer than that', async () => {
    const lost = buyer.acknowledged.findLast(({ at }) => at > before);
    const kept = buyer.acknowledged.findLast(({ at }) => at < before);
    const ask = ({ orderId, position }: Acknowledged) =>
      shop.graphql.data('query ($id: UUID!, $position: Position!) { order(id: $id, atLeast: $position) { id } }', {
        id: orderId,
        position,
      });
    const again = new RememberingBuyer(shop.graphql);
    again.start();
    const present = BigInt(lost?.position ?? 0);
    await expect
      .poll(() => BigInt(again.acknowledged.at(-1)?.position.split(':').at(-1) ?? 0), { timeout: 60_000 })
      .toBeGreaterThan(present);
    await again.stop();
    if (lost === undefined || kept === undefined) throw new Error('Nothing was ordered before and after the moment.');
    await expect(ask(lost)).rejects.toThrow(/AnotherHistory/);
    expect(await ask(kept)).toEqual({ order: { id: kept.orderId } });
  });
});
