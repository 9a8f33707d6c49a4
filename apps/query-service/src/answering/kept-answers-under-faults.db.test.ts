import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { serveQueries } from '../query-service.test-service.ts';
import { keepingAnswers } from './keeping-answers.test-service.ts';

const categoryId = '0199f0a0-0000-7000-8000-000000001000';
const ids = Array.from({ length: 6 }, (_, n) => `0199f0a0-0000-7000-8000-00000000200${n}`);

interface Priced {
  readonly position: number;
  readonly amount: number;
}

test('while connections are lost, and partitions are not equally far, nobody reads what was not so at the position that is told', async () => {
  await using service = await serveQueries({ partitions: 3 });
  using kept = keepingAnswers(service);
  const prices = new Map<string, Priced[]>();
  await service.happen({ type: 'CreateCategory', data: { categoryId, name: 'Tea', parentId: null } });
  for (const productId of ids) {
    const price = { amount: 1, currency: 'EUR' };
    const position = await service.happen({ type: 'AddProduct', data: { productId, categoryId, name: 'Cup', description: '', price } });
    prices.set(productId, [{ position, amount: 1 }]);
  }
  let ends = false;
  const wrong: unknown[] = [];
  /** Prices rise with each change: one that is below what it was by then is too old. */
  const check = (id: string, amount: number | undefined, by: number) => {
    const was = prices.get(id)?.findLast(({ position }) => position <= by)?.amount ?? 0;
    if ((amount ?? 0) < was) wrong.push({ id, amount, was, by });
  };
  const reader = async (n: number) => {
    for (let turn = n; !ends; turn++) {
      const id = ids[turn % ids.length] ?? '';
      const atLeast = turn % 3 === 0 ? prices.get(id)?.at(-1)?.position : undefined;
      try {
        const one = await kept.ask('product', { id }, atLeast);
        check(id, priceOf(one.value), Math.max(one.position, atLeast ?? 0));
        const all = await kept.ask('products', { categoryId }, atLeast);
        const { edges } = all.value as { readonly edges: readonly { readonly node: { readonly id: string } }[] };
        for (const { node } of edges) check(node.id, priceOf(node), Math.max(all.position, atLeast ?? 0));
      } catch {
        await sleep(5); // a connection was lost
      }
      await sleep(1);
    }
  };
  const fault = async () => {
    for (let turn = 0; !ends; turn++) {
      await sleep(300);
      await service.killConnections(turn % 2 === 0 ? 'listen%' : '%');
    }
  };
  const working = [fault(), ...[0, 1, 2, 3].map(reader)];
  const until = performance.now() + 8_000;
  for (let amount = 2; performance.now() < until; amount++) {
    const productId = ids[(amount * 7) % ids.length] ?? '';
    const position = await service.happen({ type: 'ChangeProductPrice', data: { productId, price: { amount, currency: 'EUR' } } });
    prices.get(productId)?.push({ position, amount });
    if (amount % 20 === 0) await sleep(200);
  }
  ends = true;
  await Promise.all(working);
  expect(wrong).toEqual([]);
  expect(kept.cache.stats.hits).toBeGreaterThan(100);
});

function priceOf(product: unknown): number | undefined {
  return (product as { readonly price: { readonly amount: number } } | null)?.price.amount;
}
