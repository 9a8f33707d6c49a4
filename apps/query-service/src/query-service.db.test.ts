import type { ShopCommand } from '@kiroku/shop';
import { describe, expect, it } from 'vitest';
import { serveQueries } from './query-service.test-service.ts';

const uuid = () => crypto.randomUUID();
const eur = (amount: number) => ({ amount, currency: 'EUR' });

function addProduct(categoryId: string, name: string, amount = 1250): Extract<ShopCommand, { type: 'AddProduct' }> {
  return { type: 'AddProduct', data: { productId: uuid(), categoryId, name, description: '', price: eur(amount) } };
}

async function aCategory(service: { happen(command: ShopCommand): Promise<number> }, name = 'Tea', parentId: string | null = null) {
  const categoryId = uuid();
  await service.happen({ type: 'CreateCategory', data: { categoryId, name, parentId } });
  return categoryId;
}

interface Page {
  readonly result: {
    readonly edges: { readonly cursor: string; readonly node: { readonly name: string } }[];
    readonly hasNextPage: boolean;
  };
}

describe('the query service on PostgreSQL', () => {
  it('answers with what has just been written, when asked for at least that position', async () => {
    await using service = await serveQueries();
    const categoryId = await aCategory(service);
    const command = addProduct(categoryId, 'Cup');
    await service.happen(command);
    const position = await service.happen({ type: 'ReceiveStock', data: { productId: command.data.productId, quantity: 7 } });
    const answer = (await service.ask('product', { id: command.data.productId }, position)).json();
    expect(answer.position).toBeGreaterThanOrEqual(position);
    expect(answer.result).toMatchObject({
      name: 'Cup',
      categoryName: 'Tea',
      price: eur(1250),
      discontinued: false,
      stock: { onHand: 7, reserved: 0, available: 7 },
    });
  });

  it('takes positions of an earlier timeline as long as they are of the present history', async () => {
    await using service = await serveQueries();
    await service.restored();
    const asked = await Promise.all(['0', '1:0', '2:0', '5', '3:1'].map((token) => service.ask('categoryTree', {}, token)));
    expect(asked.map((answer) => answer.json().token ?? answer.json().code)).toEqual([
      '2:0',
      '2:0',
      '2:0',
      'AnotherHistory',
      'AnotherHistory',
    ]);
  });

  it('answers null for an id that is not there', async () => {
    await using service = await serveQueries();
    for (const name of ['product', 'category', 'order', 'customer']) {
      expect((await service.ask(name, { id: uuid() })).json()).toEqual({ position: 0, token: '0', result: null });
    }
  });

  it('says in which versions of read models it has found an answer', async () => {
    await using service = await serveQueries();
    const { headers } = await service.ask('order', { id: uuid() });
    expect(headers['x-kiroku-read-models']).toBe('order-summary@1 customer-list@1');
  });

  it('says that it has not caught up, and when to ask again, rather than answer with less', async () => {
    await using service = await serveQueries({ atLeastTimeoutMs: 50 });
    const answer = await service.ask('products', {}, 1_000_000);
    expect(answer.json()).toMatchObject({ status: 503, code: 'NotCaughtUp', retryable: true });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it.each(['name', 'price', 'newest'])('gives every product once, page by page, by %s', async (sort) => {
    await using service = await serveQueries();
    const categoryId = await aCategory(service);
    const names = ['B', 'A', 'A', 'D', 'C', 'A', 'E'];
    let position = 0;
    for (const [index, name] of names.entries()) position = await service.happen(addProduct(categoryId, name, 100 * (index % 3)));
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { result }: Page = (await service.ask('products', { sort, first: 2, ...(after && { after }) }, position)).json();
      seen.push(...result.edges.map(({ node }) => node.name));
      after = result.edges.at(-1)?.cursor;
      if (!result.hasNextPage) break;
    }
    expect(seen.toSorted()).toEqual(names.toSorted());
    if (sort === 'name') expect(seen).toEqual(names.toSorted());
    if (sort === 'newest') expect(seen).toEqual(names.toReversed());
  });

  it('takes back the cursor of the longest name there is, in its own order only', async () => {
    await using service = await serveQueries();
    const categoryId = await aCategory(service);
    const position = await service.happen(addProduct(categoryId, '記'.repeat(120), 100));
    const page: Page = (await service.ask('products', { sort: 'name', first: 1 }, position)).json();
    const after = page.result.edges[0]?.cursor;
    expect((await service.ask('products', { sort: 'name', after }, position)).json().result.edges).toEqual([]);
    expect((await service.ask('products', { sort: 'newest', after }, position)).json()).toMatchObject({
      code: 'BadRequest',
      issues: [{ path: 'after', message: 'is not a cursor of this list' }],
    });
  });

  it('finds products of a category with all below it, by text and by price', async () => {
    await using service = await serveQueries();
    const tea = await aCategory(service, 'Tea');
    const green = await aCategory(service, 'Green', tea);
    const coffee = await aCategory(service, 'Coffee');
    await service.happen(addProduct(tea, '100% Assam', 300));
    await service.happen(addProduct(green, 'Sencha', 500));
    const position = await service.happen(addProduct(coffee, '100 Beans', 900));
    const names = async (params: object) => {
      const { result }: Page = (await service.ask('products', params, position)).json();
      return result.edges.map(({ node }) => node.name);
    };
    expect(await names({ categoryId: tea })).toEqual(['100% Assam']);
    expect(await names({ categoryId: tea, includeSubcategories: true })).toEqual(['100% Assam', 'Sencha']);
    expect(await names({ search: '100%' })).toEqual(['100% Assam']);
    expect(await names({ search: 'SENCHA' })).toEqual(['Sencha']);
    expect(await names({ price: { currency: 'EUR', min: 301, max: 900 } })).toEqual(['100 Beans', 'Sencha']);
  });

  it('shows a category with what is above and below it, and the whole tree parent first', async () => {
    await using service = await serveQueries();
    const tea = await aCategory(service, 'Tea');
    const green = await aCategory(service, 'Green', tea);
    await aCategory(service, 'Sencha', green);
    await aCategory(service, 'Coffee');
    const position = await service.happen(addProduct(green, 'Cup'));
    expect((await service.ask('category', { id: green }, position)).json().result).toMatchObject({
      name: 'Green',
      productCount: 1,
      ancestors: [{ name: 'Tea' }],
      children: [{ name: 'Sencha' }],
    });
    const tree: { name: string; depth: number }[] = (await service.ask('categoryTree', {}, position)).json().result;
    expect(tree.map(({ name, depth }) => `${name} ${depth}`)).toEqual(['Coffee 1', 'Tea 1', 'Green 2', 'Sencha 3']);
  });

  it('shows orders newest first, with the customer, by status and by customer, and what was sold per day', async () => {
    await using service = await serveQueries();
    const product = addProduct(await aCategory(service), 'Cup');
    const { productId } = product.data;
    await service.happen(product);
    await service.happen({ type: 'ReceiveStock', data: { productId, quantity: 9 } });
    const customerId = uuid();
    await service.happen({ type: 'RegisterCustomer', data: { customerId, name: 'Ada', email: 'ada@example.com' } });
    const [first, second] = [uuid(), uuid()];
    for (const orderId of [first, second]) {
      await service.happen({ type: 'PlaceOrder', data: { orderId, customerId, items: [{ productId, quantity: 2 }] } });
    }
    await service.happen({ type: 'ReserveStock', data: { productId, orderId: first, quantity: 2 } });
    await service.happen({ type: 'AuthorisePayment', data: { orderId: first, amount: eur(2500), token: 'on-account' } });
    await service.happen({ type: 'RecordAuthorisation', data: { orderId: first, outcome: 'authorised', paymentId: 'p-1' } });
    await service.happen({ type: 'CapturePayment', data: { orderId: first, paymentId: 'p-1' } });
    await service.happen({ type: 'RecordCapture', data: { orderId: first, outcome: 'captured' } });
    const position = await service.happen({ type: 'ConfirmOrder', data: { orderId: first } });
    const ids = async (name: string, params: object) => {
      const { edges } = (await service.ask(name, params, position)).json().result;
      return edges.map(({ node }: { node: { id: string } }) => node.id);
    };
    expect(await ids('orders', {})).toEqual([second, first]);
    expect(await ids('orders', { status: 'confirmed' })).toEqual([first]);
    expect(await ids('ordersByCustomer', { customerId })).toEqual([second, first]);
    expect((await service.ask('order', { id: first }, position)).json().result).toMatchObject({
      customerName: 'Ada',
      total: eur(2500),
      itemCount: 2,
    });
    const day = new Date().toISOString().slice(0, 10);
    const sales = (await service.ask('salesPerDay', { from: '2020-01-01', to: '2020-12-31' }, position)).json().result;
    expect(sales).toEqual([]);
    expect((await service.ask('salesPerDay', { from: day, to: day }, position)).json().result).toEqual([
      { day, revenue: { amount: '2500', currency: 'EUR' }, orders: 1, items: 2 },
    ]);
  });

  it('answers what it cannot take with what is wrong', async () => {
    await using service = await serveQueries();
    const issuesOf = async (name: string, params: object) => {
      const answer = await service.ask(name, params);
      expect(answer.statusCode).toBe(400);
      return answer.json().issues.map(({ path }: { path: string }) => path);
    };
    expect(await issuesOf('products', { first: 101, colour: 'red' })).toEqual(expect.arrayContaining(['params.first', 'params']));
    expect(await issuesOf('products', { after: 'not-a-cursor' })).toEqual(['after']);
    expect(await issuesOf('orders', { after: Buffer.from('["0000-01-01T00:00:00Z","x"]').toString('base64url') })).toEqual(['after']);
    expect(await issuesOf('customers', { after: Buffer.from('["\\u0000","x"]').toString('base64url') })).toEqual(['after']);
    expect(await issuesOf('product', { id: '7' })).toEqual(['params.id']);
  });

  it('tells over an open stream which rows changed, and ends it when the service stops', async () => {
    await using service = await serveQueries({ heartbeatMs: 50 });
    const address = await service.app.listen({ port: 0, host: '127.0.0.1' });
    const response = await fetch(`${address}/changes`);
    const lines: string[] = [];
    const reading = (async () => {
      for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) lines.push(...text.trim().split('\n'));
    })();
    await expect.poll(() => lines).toContain('{"kind":"current"}'); // what is there already is not told as a change
    const categoryId = await aCategory(service);
    await expect.poll(() => lines).toContainEqual(expect.stringContaining(categoryId));
    await expect.poll(() => lines).toContain('{"kind":"heartbeat"}');
    await service.app.close();
    await reading;
  });
});
