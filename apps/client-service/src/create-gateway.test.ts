import type { LogPosition } from '@kiroku/core';
import { createLogger, Health } from '@kiroku/service';
import { getIntrospectionQuery } from 'graphql';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGateway } from './create-gateway.ts';
import { GatewayError } from './graphql/gateway-error.ts';
import { ChangeSignal } from './upstream/change-signal.ts';
import type { Services } from './upstream/services.ts';

const id = '0193a5b0-7c1e-7000-8000-000000000001';
const product = {
  id,
  name: 'Cup',
  description: '',
  price: { amount: 1250, currency: 'EUR' },
  categoryId: id,
  categoryName: 'Tea',
  discontinued: false,
  stock: { onHand: 5, reserved: 2, available: 3 },
  addedAt: '2026-11-24T10:00:00.123456Z',
};
const page = { edges: [{ cursor: 'c1', node: product }], hasNextPage: true };

const at = (position: number): LogPosition => ({ timeline: 1, position });
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

const silent = createLogger({ service: 'client-service', instance: 'test', level: 'silent', format: 'json' });

async function gateway(limits: { maxDepth?: number; maxCost?: number; maxLength?: number } = {}, logger = silent) {
  const query = vi.fn(async (name: string): Promise<unknown> => (name === 'products' ? page : name === 'product' ? product : null));
  const command = vi.fn(async () => ({ position: at(7), duplicate: false }));
  const health = new Health({ service: 'client-service', instance: 'test' });
  health.ready();
  const app = await createGateway({
    logger,
    health,
    services: { query, command } as unknown as Services, // stands for the two services behind HTTP
    changes: () => new ChangeSignal(at(0)),
    maxDepth: 15,
    maxCost: 5_000,
    maxLength: 20_000,
    ...limits,
  });
  opened.push(app);
  const post = (payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: '/graphql', payload, headers: { 'content-type': 'application/json', ...headers } });
  const run = async (source: string, variables: object = {}, headers: Record<string, string> = {}) =>
    (await post({ query: source, variables }, headers)).json();
  return { app, query, command, post, run };
}

describe('queries', () => {
  it('are asked of the query service and answered in the words of the schema', async () => {
    const { run, query } = await gateway();
    const answer = await run(
      '{ products(first: 2, sort: PRICE) { nodes { name price { amount minorUnits formatted } addedAt } pageInfo { hasNextPage endCursor } } }',
    );
    expect(query).toHaveBeenCalledWith(
      'products',
      { first: 2, sort: 'price', includeSubcategories: undefined, includeDiscontinued: undefined },
      expect.anything(),
    );
    expect(answer.data.products).toEqual({
      nodes: [{ name: 'Cup', price: { amount: '12.50', minorUnits: '1250', formatted: '€12.50' }, addedAt: '2026-11-24T10:00:00.123456Z' }],
      pageInfo: { hasNextPage: true, endCursor: 'c1' },
    });
  });

  it('answer null for an id that is not there', async () => {
    const { run } = await gateway();
    expect(await run(`{ order(id: "${id}") { id } }`)).toEqual({ data: { order: null } });
  });

  it('wait for the position they ask for, or the client has written, whichever is later', async () => {
    const { run, query } = await gateway();
    const source = '{ product(id: "0193a5b0-7c1e-7000-8000-000000000001", atLeast: "5") { id } }';
    await run(source, {}, { 'x-kiroku-at-least': '9' });
    await run(source, {}, { 'x-kiroku-at-least': '3' });
    await run(source);
    expect(query.mock.calls.map(([, , options]: unknown[]) => (options as { atLeast: LogPosition }).atLeast)).toEqual([9, 5, 5].map(at)); // of the stub above
  });

  it('wait for a position of a later timeline, whatever its number', async () => {
    const { run, query } = await gateway();
    await run('{ product(id: "0193a5b0-7c1e-7000-8000-000000000001", atLeast: "2:5") { id } }', {}, { 'x-kiroku-at-least': '9' });
    expect(query.mock.lastCall).toMatchObject(['product', {}, { atLeast: { timeline: 2, position: 5 } }]);
  });

  it('ask for a moment as it is given, whatever the client has written since', async () => {
    const { run, query } = await gateway();
    const source = `{ then: order(id: "${id}", asOf: "2026-11-24") { id } now: order(id: "${id}") { id } }`;
    await run(source, {}, { 'x-kiroku-at-least': '9' });
    await run(`{ order(id: "${id}", asOf: "year_end", atLeast: "5") { id } }`, {}, { 'x-kiroku-at-least': '9' });
    const asked = query.mock.calls.map(([, , options]: unknown[]) => options as { readonly atLeast?: LogPosition; readonly asOf?: string }); // of the stub above
    expect(asked.map(({ atLeast, asOf }) => [asOf, atLeast])).toEqual([
      ['2026-11-24', undefined],
      [undefined, at(9)],
      ['year_end', at(5)],
    ]);
  });

  it('run the operation that was asked for, also when a document with several has been seen often', async () => {
    const { post } = await gateway();
    const query = `query A { order(id: "${id}") { id } } query B { customer(id: "${id}") { id } }`;
    for (const operationName of ['A', 'A', 'A', 'B', 'A', 'B']) {
      const answer = await post({ query, operationName });
      expect(Object.keys(answer.json().data)).toEqual([operationName === 'A' ? 'order' : 'customer']);
    }
  });
});

describe('mutations', () => {
  it('send one command, and read what they made at the position it reached', async () => {
    const { run, command, query } = await gateway();
    const source = `mutation($input: AddProductInput!) { addProduct(input: $input) { position productId product { name } } }`;
    const answer = await run(source, {
      input: { commandId: id, categoryId: id, name: 'Cup', price: { amount: '12.50', currency: 'EUR' } },
    });
    expect(command).toHaveBeenCalledWith(
      'AddProduct',
      {
        categoryId: id,
        name: 'Cup',
        description: '',
        price: { amount: 1250, currency: 'EUR' },
        productId: answer.data.addProduct.productId,
      },
      expect.objectContaining({ commandId: id }),
    );
    expect(query).toHaveBeenCalledWith('product', { id: answer.data.addProduct.productId }, expect.objectContaining({ atLeast: at(7) }));
    expect(answer).toMatchObject({ data: { addProduct: { position: '7', product: { name: 'Cup' } } }, extensions: { position: '7' } });
  });

  it('make the same thing when they are repeated with the same command id', async () => {
    const { run } = await gateway();
    const source = `mutation { createCategory(input: { commandId: "${id}", name: "Tea" }) { categoryId } }`;
    expect(await run(source)).toEqual(await run(source));
  });

  it('make things whose ids are in the order in which they came into being', async () => {
    const { run } = await gateway();
    const made: string[] = [];
    for (let msecs = 1_700_000_000_000; made.length < 50; msecs += 7) {
      const answer = await run(`mutation { createCategory(input: { commandId: "${uuidv7({ msecs })}", name: "Tea" }) { categoryId } }`);
      made.push(answer.data.createCategory.categoryId);
    }
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(50);
  });

  it('say how far the client has written, in a header to send back', async () => {
    const { post, command } = await gateway();
    const answer = await post({ query: `mutation { deleteCategory(input: { categoryId: "${id}" }) { position } }` });
    expect(answer.headers['x-kiroku-position']).toBe('7');
    command.mockResolvedValueOnce({ position: { timeline: 2, position: 8 }, duplicate: false });
    const later = await post({ query: `mutation { deleteCategory(input: { categoryId: "${id}" }) { position } }` });
    expect(later.headers['x-kiroku-position']).toBe('2:8');
    expect(later.json()).toMatchObject({ data: { deleteCategory: { position: '2:8' } } });
  });

  it('cannot be sent with GET', async () => {
    const { app, command } = await gateway();
    const query = encodeURIComponent(`mutation { deleteCategory(input: { categoryId: "${id}" }) { position } }`);
    expect((await app.inject(`/graphql?query=${query}`)).statusCode).toBe(405);
    expect(command).not.toHaveBeenCalled();
  });
});

describe('errors', () => {
  it('of a business rule carry its code, and are of the kind rejection', async () => {
    const { run, command } = await gateway();
    command.mockRejectedValue(
      new GatewayError('Another category has this name.', { code: 'CategoryNameTaken', kind: 'rejection', details: { name: 'Tea' } }),
    );
    const { errors } = await run('mutation { createCategory(input: { name: "Tea" }) { position } }', {}, { 'x-correlation-id': 'c1' });
    expect(errors).toMatchObject([
      {
        message: 'Another category has this name.',
        path: ['createCategory'],
        extensions: { code: 'CategoryNameTaken', kind: 'rejection', details: { name: 'Tea' }, correlationId: 'c1' },
      },
    ]);
  });

  it.each([
    ['an unknown field', '{ products { nodes { colour } } }', /Cannot query field "colour"/],
    ['an unknown argument', '{ products(size: 3) { nodes { id } } }', /Unknown argument "size"/],
    ['an id that is none', '{ product(id: "7") { id } }', /UUID must be a UUID, not "7"/],
    [
      'a number for an exact decimal',
      `mutation { changeProductPrice(input: { productId: "${id}", price: { amount: 12.5, currency: "EUR" } }) { position } }`,
      /"12.50"/,
    ],
    [
      'a currency that is none',
      `mutation { changeProductPrice(input: { productId: "${id}", price: { amount: "1", currency: "EURO" } }) { position } }`,
      /ISO 4217/,
    ],
    ['a day that is none', '{ salesPerDay(from: "2026-02-30", to: "2026-03-01") { day } }', /Date must be a day/],
    ['a position that is none', '{ products(atLeast: "-1") { nodes { id } } }', /Position must be/],
    ['malformed GraphQL', '{ products {', /Syntax Error/],
  ])('say what is wrong about %s, before anything is asked or sent', async (_what, source, message) => {
    const { run, query, command } = await gateway();
    const { errors } = await run(source);
    expect(errors[0].message).toMatch(message);
    expect(errors[0].extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid', correlationId: expect.any(String) });
    expect(query).not.toHaveBeenCalled();
    expect(command).not.toHaveBeenCalled();
  });

  it('name the place of money with more decimals than its currency has', async () => {
    const { run } = await gateway();
    const { errors } = await run(
      `mutation { changeProductPrice(input: { productId: "${id}", price: { amount: "1.505", currency: "EUR" } }) { position } }`,
    );
    expect(errors[0].extensions).toMatchObject({ kind: 'invalid', issues: [{ path: 'input.price.amount' }] });
  });

  it('of variables that do not fit name the variable', async () => {
    const { run } = await gateway();
    const { errors } = await run('query($id: UUID!) { product(id: $id) { id } }', { id: 7 });
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('$id'), extensions: { code: 'BadRequest', kind: 'invalid' } });
  });

  it.each([
    ['no document', {}],
    ['an empty document', { query: ' ' }],
    ['a document that is no text', { query: 1 }],
    ['a parsed document as JSON', { query: '{"kind":"Document","definitions":[null]}' }],
    ['an operation that is not there', { query: '{ categoryTree { id } }', operationName: 'B' }],
    ['an operation by number', { query: '{ categoryTree { id } }', operationName: 5 }],
    ['one of several operations without saying which', { query: 'query A { __typename } query B { __typename }' }],
    ['a subscription', { query: `subscription { orderChanged(orderId: "${id}") { id } }` }],
    ['a document of very many words', { query: `{ ${'a '.repeat(2_500)} }` }],
    ['a document nested without end', { query: `{ products(after: ${'['.repeat(3_000)}` }],
  ])('name %s as what is wrong, with status 400', async (_what, payload) => {
    const { post, query } = await gateway();
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    const [error] = answer.json().errors;
    expect(error.message).not.toMatch(/undefined|unexpected|call stack|iterable/);
    expect(error.extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid' });
    expect(query).not.toHaveBeenCalled();
  });

  it.each([
    ['an operation that is not there', { query: '{ __typename }', operationName: 'B' }],
    ['one of several without saying which', { query: 'query A { __typename } query B { __typename }' }],
    ['no document that can be read', { query: '{' }],
  ])('name what is wrong with a GET of %s', async (_what, query) => {
    const { app } = await gateway();
    const answer = await app.inject({ method: 'GET', url: '/graphql', query });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0].extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid' });
  });

  it('do not repeat all that was sent, nor walk through it', async () => {
    const { post } = await gateway();
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`x${n}`, n]));
    const filtered = await post({
      query: 'query($filter: ProductFilter) { products(filter: $filter) { nodes { id } } }',
      variables: { filter: many },
    });
    expect(filtered.statusCode).toBe(400);
    expect(filtered.body.length).toBeLessThan(100_000);
    const deep = `{"query":"query($id: UUID!) { product(id: $id) { id } }","variables":{"id":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
    expect((await post(deep)).json().errors[0].extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid' });
  });

  it('answer malformed JSON, another media type, several operations at once and a wrong header with what is wrong', async () => {
    const { post } = await gateway();
    const answers = [
      await post('{"query":'),
      await post('{"query":"{ __typename }"}', { 'content-type': 'text/plain' }),
      await post('{"query":"{ __typename }"}', { 'content-type': 'application/x-www-form-urlencoded' }),
      await post([{ query: '{ __typename }' }]),
      await post({ query: '{ __typename }' }, { 'x-kiroku-at-least': 'soon' }),
    ];
    for (const answer of answers) expect(answer.json().errors[0].extensions).toMatchObject({ code: 'BadRequest', kind: 'invalid' });
    expect(answers[2]?.json().errors[0].message).toContain('content-type: application/json');
  });

  it('have a line of the log each at info, as what changes something, and queries that went well one at debug', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'client-service', instance: 'test', level: 'debug', format: 'json', destination });
    const { app, run, query } = await gateway({}, logger);
    for (let times = 0; times < 3; times += 1) await run(`{ product(id: "${id}") { id } }`); // compiled since the second
    await app.inject('/graphql?query={__typename}');
    await run('mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { customerId } }', {
      input: { name: 'Ada', email: 'ada@shop.example' },
    });
    await run('{ colour }');
    query.mockRejectedValue(new GatewayError('There is no such moment.', { code: 'MomentNotBuilt', kind: 'invalid', retryable: false }));
    await run(`{ __typename product(id: "${id}") { id } }`);
    const answered = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
    expect(answered.map(({ level, status }) => `${level} ${status}`)).toEqual([
      ...Array<string>(4).fill('debug 200'),
      'info 200',
      'info 400',
      'info 200',
    ]);
  });

  it('that are faults are logged once for an operation, with code, field and cause', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'client-service', instance: 'test', level: 'warn', format: 'json', destination });
    const { run, query } = await gateway({}, logger);
    const cause = new Error('connect ECONNREFUSED');
    query.mockRejectedValue(
      new GatewayError('The query service cannot be reached.', { code: 'ServiceUnavailable', kind: 'fault', retryable: true }, { cause }),
    );
    await run(`{ a: product(id: "${id}") { id } b: product(id: "${id}") { id } }`, {}, { 'x-correlation-id': 'c1' });
    await run('{ products { nodes { colour } } }');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      {
        level: 'warn',
        msg: 'an operation failed',
        code: 'ServiceUnavailable',
        path: 'a',
        faults: 2,
        correlationId: 'c1',
        err: { cause: { message: 'connect ECONNREFUSED' } },
      },
    ]);
  });

  it('tell nothing of the inside about the unexpected', async () => {
    const { run, query } = await gateway();
    query.mockRejectedValue(new Error('secret inside'));
    const answer = await run('{ products { nodes { id } } }');
    expect(JSON.stringify(answer)).not.toMatch(/secret|\.ts/);
    expect(answer.errors[0].extensions).toMatchObject({ code: 'Internal', kind: 'fault' });
  });
});

describe('limits', () => {
  it('refuse an operation that may cost too much, counting page sizes also when they come in variables', async () => {
    const { run, query } = await gateway({ maxCost: 200 });
    const source = 'query($first: Int) { products(first: $first) { nodes { id name } } }';
    expect((await run(source, { first: 10 })).errors).toBeUndefined();
    expect((await run(source, { first: 10 })).errors).toBeUndefined();
    expect((await run(source, { first: 100 })).errors[0]).toMatchObject({
      message: expect.stringMatching(/may cost 30\d; at most 200/),
      extensions: { kind: 'invalid' },
    });
    expect(query).toHaveBeenCalledTimes(2);
  });

  it('tell a variable that is null from one that is not given, for which there may be a default', async () => {
    const { run } = await gateway({ maxCost: 200 });
    const source = 'query($first: Int = 100) { products(first: $first) { nodes { id name } } }';
    for (const variables of [{ first: null }, { first: null }]) expect((await run(source, variables)).errors).toBeUndefined();
    expect((await run(source)).errors[0].message).toMatch(/may cost 30\d; at most 200/);
  });

  it('count what hides in fragments and aliases', async () => {
    const { run } = await gateway({ maxCost: 200 });
    const { errors } = await run(
      '{ a: products { ...p } b: products { ...p } c: products { ...p } } fragment p on ProductConnection { nodes { id name description } }',
    );
    expect(errors[0].message).toMatch(/may cost/);
  });

  it('refuse an operation that is nested too deep', async () => {
    const { run } = await gateway({ maxDepth: 3 });
    const { errors } = await run('{ products { edges { node { price { amount } } } } }');
    expect(errors[0].message).toMatch(/depth/);
  });

  it('refuse a document that is too long', async () => {
    const { run } = await gateway({ maxLength: 100 });
    const { errors } = await run(`{ products { nodes { id } } } # ${'x'.repeat(100)}`);
    expect(errors[0]).toMatchObject({ message: expect.stringMatching(/has \d+ characters; at most 100/), extensions: { kind: 'invalid' } });
  });

  it('let a query page read the schema', async () => {
    const { run } = await gateway();
    const { data } = await run(getIntrospectionQuery());
    expect(data.__schema.types.find(({ name }: { name: string }) => name === 'Position').description).toMatch(/event log/);
  });
});

describe('pages', () => {
  it('a landing page, a query page that needs no other host, and the schema', async () => {
    const { app } = await gateway();
    expect((await app.inject('/')).body).toContain('/altair');
    const altair = (await app.inject('/altair')).body;
    expect(altair).not.toMatch(/(src|href)="https?:/);
    expect((await app.inject('/altair/main.js')).statusCode).toBe(200);
    expect((await app.inject('/schema.graphql')).body).toContain('type Subscription');
  });
});
