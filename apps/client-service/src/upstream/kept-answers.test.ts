import type { ReadModelNews } from '@kiroku/core';
import { AnswerCache, ReadModelChanges } from '@kiroku/service';
import { shop, shopQueries } from '@kiroku/shop';
import { expect, test, vi } from 'vitest';
import { type AnsweringServices, KeptAnswers } from './kept-answers.ts';
import type { QueryOptions } from './services.ts';

const id = '0199f0a0-0000-7000-8000-000000000001';
const context = { correlationId: 'c' } as QueryOptions['context']; // nobody looks at it here
const model = { projection: 'product-list', version: 1, build: 1 };

/** A gateway that has heard of the products up to position 10 of timeline 2. */
function given({ timeline }: { readonly timeline: number | undefined } = { timeline: 2 }) {
  const changes = new ReadModelChanges({ projections: shop.projections });
  const hear = (news: ReadModelNews) => changes.hear(news);
  hear({ kind: 'reading', ...model, positions: [10] });
  hear({ kind: 'current' });
  const answer = vi.fn(async () => ({ position: 10, result: null, length: 4, versions: 'product-list@1' }));
  const command = vi.fn(async () => ({ position: { timeline: 2, position: 11 }, duplicate: false }));
  const services = { answer, command } as unknown as AnsweringServices; // as long as the queries of the tests find nothing
  const cache = new AnswerCache({ changes, maxBytes: 100_000 });
  const kept = new KeptAnswers({ services, cache, queries: shopQueries, timeline: () => timeline });
  const ask = (options: Partial<QueryOptions> = {}, of = id) => kept.query('product', { id: of }, { context, ...options });
  return { ask, kept, answer, command, hear };
}

test('what was read is read again once it has changed', async () => {
  const { ask, answer, hear } = given();
  for (let n = 0; n < 3; n++) expect(await ask()).toBeNull();
  expect(answer).toHaveBeenCalledTimes(1);
  await ask({}, id.replace('1', '2'));
  expect(answer).toHaveBeenCalledTimes(2);
  hear({ kind: 'advance', ...model, partition: 0, position: 11, changed: { product: [id] }, lists: { 'product.category_id': [] } });
  answer.mockResolvedValue({ position: 11, result: null, length: 4, versions: 'product-list@1' });
  for (let n = 0; n < 3; n++) await ask();
  expect(answer).toHaveBeenCalledTimes(3);
});

test('nobody is given the answer to another question of the same words', async () => {
  const { kept, ask, answer, hear } = given();
  hear({ kind: 'reading', projection: 'category-tree', version: 1, build: 1, positions: [10] });
  await ask();
  answer.mockResolvedValue({ position: 10, result: null, length: 4, versions: 'category-tree@1' });
  await kept.query('category', { id }, { context });
  expect(answer).toHaveBeenLastCalledWith('category', { id }, { context });
});

test('a question is for the rows that it is read as, however it is written', async () => {
  const { ask, answer, hear } = given();
  await ask({}, id.toUpperCase());
  hear({ kind: 'advance', ...model, partition: 0, position: 10, changed: { product: [id] }, lists: { 'product.category_id': [] } });
  await ask({}, id.toUpperCase());
  expect(answer).toHaveBeenCalledTimes(2);
});

test('a question that only a later release understands is answered, and its answer is not kept', async () => {
  const { ask, answer } = given();
  for (let n = 0; n < 2; n++) expect(await ask({}, 'a name')).toBeNull();
  expect(answer).toHaveBeenCalledTimes(2);
});

test.each([
  ['of another version of its read models: their changes are not heard', 'product-list@2'],
  ['of read models that nobody names, as by an earlier release', ''],
])('an answer %s is not kept', async (_what, versions) => {
  const { ask, answer } = given();
  answer.mockResolvedValue({ position: 10, result: null, length: 4, versions });
  for (let n = 0; n < 2; n++) expect(await ask()).toBeNull();
  expect(answer).toHaveBeenCalledTimes(2);
});

test('a position that has been heard of is in what is kept; for a later one the query service is asked, and waits for it', async () => {
  const { ask, answer } = given();
  await ask();
  await ask({ atLeast: { timeline: 2, position: 10 } });
  expect(answer).toHaveBeenCalledTimes(1);
  const later = { atLeast: { timeline: 2, position: 12 }, context };
  await ask(later);
  expect(answer).toHaveBeenLastCalledWith('product', { id }, later);
});

test.each<[string, Partial<QueryOptions>, { readonly timeline: number | undefined }]>([
  ['of a position of another timeline, which may be undone', { atLeast: { timeline: 1, position: 3 } }, { timeline: 2 }],
  ['of a position while nobody knows which timeline is heard of', { atLeast: { timeline: 2, position: 3 } }, { timeline: undefined }],
  ['as of a moment', { asOf: 'yesterday' }, { timeline: 2 }],
])('nothing is kept for a question %s', async (_what, options, gateway) => {
  const { ask, answer } = given(gateway);
  await ask();
  for (let n = 0; n < 2; n++) await ask(options);
  expect(answer).toHaveBeenCalledTimes(3);
  expect(answer).toHaveBeenLastCalledWith('product', { id }, { context, ...options });
});

test('a fault is told to who asked, and nothing of it is kept', async () => {
  const { ask, answer } = given();
  answer.mockRejectedValueOnce(new Error('the query service is gone'));
  await expect(ask()).rejects.toThrow('the query service is gone');
  expect(await ask()).toBeNull();
});

test('commands go to the command service', async () => {
  const { kept, command } = given();
  const options = { commandId: id, context };
  await kept.command('DiscontinueProduct', { productId: id }, options);
  expect(command).toHaveBeenCalledExactlyOnceWith('DiscontinueProduct', { productId: id }, options);
});
