import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kiroku, RunningShop } from '../shop/running-shop.ts';
import {
  createCategory,
  followOrder,
  type Order,
  order,
  placeOrder,
  receiveStock,
  registerCustomer,
  renameProduct,
  stock,
  stockProduct,
} from '../shop/shopkeeping.ts';

let shop: RunningShop;

beforeAll(async () => {
  shop = await RunningShop.start();
});

afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

describe('an order', () => {
  test('is confirmed when the stock is there, and the customer is told', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);

    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2 });
    const seen = await followOrder(shop.graphql, placed.id);

    expect(seen.at(-1)).toMatchObject({
      status: 'CONFIRMED',
      total: { amount: '25.00', currency: 'EUR' },
      lines: [{ name: 'Kettle', quantity: 2 }],
    });
    expect(await stock(shop.graphql, productId)).toEqual({ onHand: 5, reserved: 2, available: 3 });
  });

  test('is cancelled with the reason when its payment is declined, and its stock is released', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);

    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2, paymentToken: 'decline-NoFunds' });
    const seen = await followOrder(shop.graphql, placed.id);

    expect(seen.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'authorise payment: The payment was declined: NoFunds.' });
    expect(await stock(shop.graphql, productId)).toEqual({ onHand: 5, reserved: 0, available: 5 });
  });

  test('is cancelled with the reason when the stock is missing', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 1), registerCustomer(shop.graphql)]);

    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 2 });
    const seen = await followOrder(shop.graphql, placed.id);

    expect(seen.at(-1)).toMatchObject({ status: 'CANCELLED', reason: 'Kettle: 2 wanted, 1 available.' });
    expect(await stock(shop.graphql, productId)).toEqual({ onHand: 1, reserved: 0, available: 1 });
  });

  test('that is placed twice with the same command id is placed once', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    const request = { customerId, productId, quantity: 1, orderId: randomUUID(), commandId: randomUUID() };

    const first = await placeOrder(shop.graphql, request);
    await followOrder(shop.graphql, first.order.id);
    const second = await placeOrder(shop.graphql, request);

    expect(second).toMatchObject({ duplicate: true, position: first.position, order: { id: first.order.id } });
    expect((await stock(shop.graphql, productId)).reserved).toBe(1);
  });

  test('whose command id was used for another order is refused', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    const request = { customerId, productId, quantity: 1, orderId: randomUUID(), commandId: randomUUID() };
    await placeOrder(shop.graphql, request);

    await expect(placeOrder(shop.graphql, { ...request, quantity: 2 })).rejects.toThrowError(/IdReused/);
  });
});

describe('under concurrency', () => {
  test('the last item is sold once, whoever of two buyers comes first, 50 times over', async () => {
    const [first, second] = await Promise.all([registerCustomer(shop.graphql), registerCustomer(shop.graphql)]);
    const buy = async (customerId: string, productId: string): Promise<Order | undefined> => {
      const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 1 });
      return (await followOrder(shop.graphql, placed.id)).at(-1);
    };
    const sellTenTimes = async () => {
      const productId = await stockProduct(shop.graphql, 0);
      for (let round = 1; round <= 10; round++) {
        await receiveStock(shop.graphql, productId, 1);
        const outcomes = await Promise.all([buy(first, productId), buy(second, productId)]);
        expect(outcomes.map((outcome) => outcome?.status).sort()).toEqual(['CANCELLED', 'CONFIRMED']);
      }
      expect(await stock(shop.graphql, productId)).toEqual({ onHand: 10, reserved: 10, available: 0 });
    };
    await Promise.all(Array.from({ length: 5 }, sellTenTimes)); // of five products at a time: most of it is waiting
  });

  test('of 50 parallel creations of one category name exactly one wins', async () => {
    const name = `Books ${randomUUID()}`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        shop.graphql.ask('mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { categoryId } }', { input: { name } }),
      ),
    );
    const codes = answers.flatMap(({ errors }) => errors.map(({ extensions }) => extensions?.code));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect(codes).toEqual(Array.from({ length: 49 }, () => 'CategoryNameTaken'));
  });
});

describe('a client', () => {
  test('reads what it has just written', async () => {
    for (let round = 0; round < 20; round++) {
      const name = `Category ${randomUUID()}`;
      const { createCategory: made } = await shop.graphql.data<{ createCategory: { position: string; category: { name: string } } }>(
        'mutation ($input: CreateCategoryInput!) { createCategory(input: $input) { position category { name } } }',
        { input: { name } },
      );
      const { categoryTree } = await shop.graphql.data<{ categoryTree: readonly { name: string }[] }>(
        'query ($atLeast: Position) { categoryTree(atLeast: $atLeast) { name } }',
        { atLeast: made.position },
      );
      expect(made.category.name).toBe(name);
      expect(categoryTree.map((entry) => entry.name)).toContain(name);
    }
  });

  test.each([
    ['an unknown field', '{ product(id: "019a0000-0000-7000-8000-000000000001") { colour } }', {}, /colour/],
    ['a wrong type', '{ products(first: "many") { nodes { id } } }', {}, /many/],
    ['a page that is too large', '{ products(first: 101) { nodes { id } } }', {}, /100/],
    ['an id that is none', '{ product(id: "kettle") { id } }', {}, /kettle|UUID/],
    ['a position that the log has not reached', '{ categoryTree(atLeast: "999999999") { id } }', {}, /beyond the end of the log/],
  ])('is told what is wrong with %s', async (_what, query, variables, message) => {
    const { errors } = await shop.graphql.ask(query, variables);
    expect(JSON.stringify(errors)).toMatch(message);
  });

  test('is told which rule of the shop said no', async () => {
    const categoryId = await createCategory(shop.graphql);
    await shop.graphql.data('mutation ($input: AddProductInput!) { addProduct(input: $input) { productId } }', {
      input: { categoryId, name: 'Kettle', price: { amount: '1', currency: 'JPY' } },
    });

    const { errors } = await shop.graphql.ask('mutation ($input: DeleteCategoryInput!) { deleteCategory(input: $input) { position } }', {
      input: { categoryId },
    });

    expect(errors[0]?.extensions).toMatchObject({ code: 'CategoryHasProducts', kind: 'rejection' });
  });

  test('gets null for an id that is not there', async () => {
    expect(await order(shop.graphql, randomUUID())).toBeNull();
  });
});

describe('an operator', () => {
  test('sees everything up with kiroku status and kiroku health', async () => {
    const [statusAnswer, healthAnswer] = await Promise.all([kiroku(shop, 'status', '--json'), kiroku(shop, 'health')]);
    const { services, databases } = JSON.parse(statusAnswer.stdout);

    expect(services.map(({ name, ready }: { name: string; ready: boolean }) => [name, ready])).toEqual(
      expect.arrayContaining([
        ['client-service', true],
        ['command-service', true],
        ['query-service', true],
      ]),
    );
    expect(databases.map(({ pending }: { pending: number }) => pending)).toEqual([0, 0, 0]);
    expect(healthAnswer.code).toBe(0);
  });

  test('reads a stream with kiroku events show', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 1 });
    await followOrder(shop.graphql, placed.id);

    const { code, stdout } = await kiroku(shop, 'events', 'show', `order-${placed.id}`, '--json');

    expect(code).toBe(0);
    expect(stdout).toMatch(/OrderPlaced[\s\S]*OrderConfirmed/);
  });

  test('builds the shop as of a moment, in which a client sees what was true then, and compares it with now', async () => {
    const productId = await stockProduct(shop.graphql, 5);
    const then = await renameProduct(shop.graphql, productId, 'Kettle, old');
    await renameProduct(shop.graphql, productId, 'Kettle, new');
    const name = async (asOf: string) =>
      shop.graphql.ask('query ($id: UUID!, $asOf: String) { product(id: $id, asOf: $asOf) { name } }', { id: productId, asOf });

    expect((await name(then)).errors[0]?.extensions).toMatchObject({ code: 'MomentNotBuilt' });
    expect((await kiroku(shop, 'replay', '--until', then, '--into', 'then')).code).toBe(0);

    expect((await name(then)).data).toEqual({ product: { name: 'Kettle, old' } });
    expect((await name('then')).data).toEqual({ product: { name: 'Kettle, old' } });
    const { stdout } = await kiroku(shop, 'replay', 'diff', 'then', 'live', 'product-list');
    expect(stdout).toContain('name "Kettle, old" → "Kettle, new"');
    const state = await kiroku(shop, 'events', 'state', `product-${productId}`, '--at', then);
    expect(JSON.parse(state.stdout).state).toMatchObject({ name: 'Kettle, old' });
  });

  test('sees with kiroku saga how an order was fulfilled, and cannot steer what has ended', async () => {
    const [productId, customerId] = await Promise.all([stockProduct(shop.graphql, 5), registerCustomer(shop.graphql)]);
    const { order: placed } = await placeOrder(shop.graphql, { customerId, productId, quantity: 1 });
    await followOrder(shop.graphql, placed.id);
    const show = async () => JSON.parse((await kiroku(shop, 'saga', 'show', placed.id, '--json')).stdout);

    await expect.poll(async () => (await show()).status, { timeout: 20_000 }).toBe('done');
    const { history, commands, timers } = await show();
    const events = history.filter(({ kind }: { kind: string }) => kind === 'event').map(({ what }: { what: string }) => what);
    expect(events).toEqual(['OrderPlaced', 'StockReserved', 'PaymentAuthorised', 'ShipmentArranged', 'PaymentCaptured', 'OrderConfirmed']);
    expect([commands, timers]).toEqual([[], []]);
    const refused = await kiroku(shop, 'saga', 'retry', placed.id);
    expect(refused.code).toBe(1);
    const [stats] = JSON.parse((await kiroku(shop, 'saga', 'stats', '--json')).stdout);
    expect(stats).toMatchObject({ processManager: 'fulfilment', failed: 0, stuck: 0, completionRate: 1 });
    expect(await kiroku(shop, 'saga', 'close', placed.id)).toMatchObject({ code: 2 });

    const gateway = ['--remote', `http://${shop.graphql.host}`];
    const remote = async (...args: string[]) => kiroku(shop, 'saga', ...args, ...gateway);
    expect(JSON.parse((await remote('show', placed.id, '--json')).stdout)).toEqual(await show());
    expect(await remote('retry', placed.id)).toMatchObject({ code: 1, stderr: refused.stderr });
  });

  test('has a moment built by a service, compares and drops it, all through the gateway', async () => {
    const gateway = ['--remote', `http://${shop.graphql.host}`];
    const replay = async (...args: string[]) => kiroku(shop, 'replay', ...args, ...gateway);
    const { id } = JSON.parse((await replay('--until', '1', '--into', 'first', '--json')).stdout);
    await expect
      .poll(async () => JSON.parse((await kiroku(shop, 'job', 'show', id, '--json')).stdout).job.state, { timeout: 20_000 })
      .toBe('done');
    expect((await replay('list')).stdout).toContain('first_');
    expect((await replay('diff', 'first', 'live')).stdout).toMatch(/table +added +removed +changed/);
    expect((await replay('drop', 'first', '--yes')).code).toBe(0);
    const done = JSON.parse((await kiroku(shop, 'audit', '--operators', '--json', '--limit', '2', ...gateway)).stdout);
    expect(JSON.parse((await kiroku(shop, 'doctor', '--json', ...gateway)).stdout).notMade).toMatchObject([{ check: 'disks' }]);
    expect(done).toMatchObject([
      { verb: 'replay drop', source: 'operations API', outcome: { succeeded: true } },
      { verb: 'replay', id, source: 'operations API', outcome: { succeeded: true } },
    ]);
  });

  test('clears what the gateway keeps of answers, and has it asked for before clients do, on the spot and through the gateway', async () => {
    const productId = await stockProduct(shop.graphql, 5);
    await expect.poll(() => stock(shop.graphql, productId).catch(() => undefined)).toMatchObject({ available: 5 }); // the read models follow
    const gateway = ['--remote', `http://${shop.graphql.host}`];
    const stats = async () => JSON.parse((await kiroku(shop, 'cache', 'stats', '--json', ...gateway)).stdout)[0].cache;
    const [cleared] = JSON.parse((await kiroku(shop, 'cache', 'clear', '--json')).stdout);
    expect(cleared).toMatchObject({ service: 'client-service', cleared: expect.any(Number) });

    const verb = ['cache', 'warmup', '--entities', 'products,categories,customers', '--json'];
    const warmUp = async () => {
      const { stdout } = await kiroku(shop, '--reason', 'after a restart', ...verb, ...gateway);
      const [{ entities }] = JSON.parse(stdout);
      return entities.map(({ entity, asked, kept, all }: Readonly<Record<string, unknown>>) => [entity, all, asked === kept]);
    };
    const whole = ['products', 'categories', 'customers'].map((entity) => [entity, true, true]);
    await expect.poll(warmUp, { timeout: 20_000 }).toEqual(whole); // what changes meanwhile is not kept
    const before = await stats();
    expect(await stock(shop.graphql, productId)).toMatchObject({ onHand: 5 });
    expect((await stats()).hits).toBeGreaterThan(before.hits);

    expect(await kiroku(shop, 'cache', 'clear', '--query', 'prodct')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Did you mean "product"?'),
    });
    const last = async (what: string) => JSON.parse((await kiroku(shop, 'audit', '--verb', what, '--json', '--limit', '1')).stdout)[0];
    expect(await last('cache clear')).toMatchObject({ before: [{ service: 'client-service' }], source: 'command line' });
    expect(await last('cache warmup')).toMatchObject({ reason: 'after a restart', source: 'operations API', outcome: { succeeded: true } });
  });

  test('sees who migrated the databases, on the spot and through the gateway', async () => {
    const here = await kiroku(shop, 'audit', '--verb', 'migrate', '--json');
    const remote = await kiroku(shop, 'audit', '--verb', 'migrate', '--json', '--remote', `http://${shop.graphql.host}`);

    expect(JSON.parse(here.stdout)).toMatchObject([{ verb: 'migrate', reason: 'kiroku up', outcome: { succeeded: true } }]);
    expect(JSON.parse(remote.stdout)).toEqual(JSON.parse(here.stdout));
  });

  test('finds the job of a verb through the gateway, and is told that it has ended', async () => {
    const verified = await kiroku(shop, 'events', 'verify', '--as', 'ada');
    expect(verified.code).toBe(0);

    const gateway = ['--remote', `http://${shop.graphql.host}`];
    const [job] = JSON.parse((await kiroku(shop, 'job', 'list', '--json', ...gateway)).stdout);
    expect(job).toMatchObject({ verb: 'events verify', state: 'done', createdBy: 'ada' });

    const refused = await kiroku(shop, 'job', 'cancel', job.id, ...gateway);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is done')]);
  });
});
