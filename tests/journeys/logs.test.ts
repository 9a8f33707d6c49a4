import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mayMount, missingDisk, SmallDisk } from '../disk-full/small-disk.ts';
import { kill, kiroku, ownPorts, RunningShop, startedBefore } from '../shop/running-shop.ts';
import { createCategory } from '../shop/shopkeeping.ts';

const megabyte = 1_048_576;

let shop: RunningShop;
let disk: SmallDisk | undefined;
let dataDirectory: string;
beforeAll(async () => {
  dataDirectory = await startedBefore();
  if (mayMount) {
    disk = await SmallDisk.mount(24);
    await symlink(disk.path, join(dataDirectory, 'logs'));
  } else await mkdir(join(dataDirectory, 'logs'));
  await writeFile(join(dataDirectory, 'logs', 'query-service.log'), `${'x'.repeat(megabyte)}\n`); // so that it is put aside at once
  shop = await RunningShop.start({ dataDirectory, environment: { ...(await ownPorts()), LOG_FILE_MAX_MB: '1', LOG_FILES: '3' } });
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await rm(dataDirectory, { recursive: true });
  await disk?.[Symbol.asyncDispose]();
});

const logs = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await kiroku(shop, 'logs', ...args, '--json');
  return {
    code,
    stderr,
    lines:
      stdout === ''
        ? []
        : stdout
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line)),
  };
};

async function everyLog(): Promise<string> {
  const files = (await readdir(join(dataDirectory, 'logs'))).filter((name) => !name.startsWith('filler'));
  return (await Promise.all(files.map((name) => readFile(join(dataDirectory, 'logs', name), 'utf8')))).join('');
}

/** Sends what a client of the gateway sends, with a correlation id. */
async function ask(correlationId: string, query: string, variables: object): Promise<unknown> {
  const response = await fetch(`http://${shop.graphql.host}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-correlation-id': correlationId,
      authorization: 'Bearer of-nobody-1',
      cookie: 'sid=of-nobody-2',
    },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

const addProduct = 'mutation ($input: AddProductInput!) { addProduct(input: $input) { productId } }';
const register = 'mutation ($input: RegisterCustomerInput!) { registerCustomer(input: $input) { customerId } }';

test('at level trace commands through the gateway leave neither personal data nor secrets in any log', async () => {
  expect(await kiroku(shop, 'logs', 'level', 'all', 'trace', '--for', '5m')).toMatchObject({ code: 0 });
  const ada = { name: 'Ada Byron-Lovelace', email: 'Ada.Byron@Lovelace.example' };
  await ask('first', register, { input: ada });
  await ask('taken', register, { input: { ...ada, name: 'Grace Brewster-Hopper' } });
  await ask('wrong', register, { input: { name: 'Ada Byron-Lovelace'.repeat(20), email: 'not-of-ada@' } });
  const literal = 'mutation { registerCustomer(input: { name: "Ada Byron-Lovelace", email: "second@lovelace.example" }) { customerId } }';
  await ask('literal', literal, {});
  await fetch(
    `http://${shop.graphql.host}/graphql?query=${encodeURIComponent('{ customers(search: "Ada Byron-Lovelace") { nodes { id } } }')}`,
  );
  const socket = connect(Number(shop.environment.CLIENT_SERVICE_PORT), '127.0.0.1');
  socket.end('GARBAGE Ada Byron-Lovelace\r\nauthorization: Bearer of-nobody-1\r\n\r\n');
  await once(socket.resume(), 'close');

  const handled = async () => (await logs('command-service', '--grep', 'command handled', '--tail', 'all')).lines;
  await expect.poll(handled, { timeout: 30_000 }).toContainEqual(
    expect.objectContaining({
      level: 'trace',
      correlationId: 'first',
      data: { customerId: expect.any(String), name: '(personal)', email: '(personal)' },
    }),
  );
  const { superuser, kiroku_service: service = superuser } = JSON.parse(await readFile(join(dataDirectory, 'credentials.json'), 'utf8'));
  const everything = await everyLog();
  expect(everything).toContain('"level":"trace"');
  for (const secret of ['Byron', 'lovelace', 'Hopper', 'of-ada', 'of-nobody', superuser, service])
    expect(everything.toLowerCase()).not.toContain(secret.toLowerCase());
});

test('what is sent cannot look like lines of the log, or reach a terminal', async () => {
  const forged = 'x\n2026-11-27 10:00:00.000  FATAL  command-service   forged';
  const input = { categoryId: await createCategory(shop.graphql), name: 'Kettle', description: forged.repeat(50) };
  await ask('forging', addProduct, { input: { ...input, price: { amount: '1.00', currency: 'EUR' } } });
  await ask('forging', addProduct, { input: { ...input, name: `\u001b[2J${forged}`, description: 'x'.repeat(900_000) } });
  await fetch(`http://${shop.graphql.host}/${encodeURIComponent('\u001b]0;forged\u0007\r\n')}${'y'.repeat(10_000)}`);
  await expect
    .poll(async () => (await logs('command-service', '--grep', 'forged')).lines)
    .toContainEqual(expect.objectContaining({ command: 'AddProduct', level: 'trace' }));

  const { stdout } = await kiroku(shop, 'logs', '--tail', 'all');
  expect(stdout).toContain('x\\n2026-11-27');
  expect(stdout).not.toMatch(/^2026-11-27 10:00:00.000 {2}FATAL/m);
  expect(stdout.split('').filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  for (const line of (await everyLog()).split('\n').filter((each) => each.includes('"service":'))) {
    expect(line.length).toBeLessThan(100_000);
    expect(() => JSON.parse(line)).not.toThrow();
  }
});

test('lines of one request are found in every service by its correlation id, in the order of their times', async () => {
  await ask('order-of-ada', register, { input: { name: 'Somebody', email: `${crypto.randomUUID()}@shop.example` } });
  const found = async () => (await logs('--correlation', 'order-of-ada')).lines;
  const services = async () => new Set((await found()).map(({ service }) => service));
  await expect.poll(services).toEqual(new Set(['client-service', 'command-service'])); // lines are written together, a moment later
  await expect
    .poll(found)
    .toContainEqual(
      expect.objectContaining({ commandId: expect.any(String), stream: expect.stringMatching(/^customer-/), msg: 'command handled' }),
    );
  const lines = await found();
  expect(lines.map(({ time }) => time)).toEqual(lines.map(({ time }) => time).sort());
  expect(lines.every(({ correlationId }) => correlationId === 'order-of-ada')).toBe(true);
});

test('the level is audited, told, and goes back', async () => {
  expect((await kiroku(shop, 'logs', 'level')).stdout).toMatch(/command-service +trace +info +20/);
  const remote = ['--remote', `http://${shop.graphql.host}`];
  expect(await kiroku(shop, '--reason', 'enough', 'logs', 'level', 'all', 'configured', ...remote)).toMatchObject({ code: 0 });
  const levels = JSON.parse((await kiroku(shop, 'logs', 'level', '--json', ...remote)).stdout);
  expect(levels).toMatchObject(['client-service', 'command-service', 'query-service'].map((service) => ({ service, level: 'info' })));
  await kiroku(shop, 'logs', 'level', 'payment-simulator', 'debug', '--for', '1s');
  const simulator = async () => JSON.parse((await kiroku(shop, 'logs', 'level', 'payment-simulator', '--json')).stdout);
  await expect.poll(simulator, { timeout: 15_000 }).toMatchObject([{ level: 'info', configured: 'info' }]);
  expect((await kiroku(shop, 'audit', '--verb', 'logs level')).stdout).toMatch(/logs level .*enough/);
});

test('reads that went well are told of at debug, by every service', async () => {
  const read = (correlationId: string) => ask(correlationId, '{ products(first: 3) { nodes { id } } }', {});
  const services = async (correlationId: string) => (await logs('--correlation', correlationId)).lines.map(({ service }) => service).sort();
  let reads = 0;
  const isUnseen = async () => {
    reads += 1;
    await read(`read-${reads}`);
    await ask(`refused-${reads}`, '{ colours }', {});
    await expect.poll(() => services(`refused-${reads}`)).toEqual(['client-service']);
    return services(`read-${reads}`);
  };
  await expect.poll(isUnseen).toEqual([]); // on a busy machine the first may be slow
  expect(await kiroku(shop, 'logs', 'level', 'all', 'debug', '--for', '5m')).toMatchObject({ code: 0 });
  expect(await kiroku(shop, 'cache', 'clear')).toMatchObject({ code: 0 });
  await read('seen');
  await expect.poll(() => services('seen')).toEqual(['client-service', 'query-service']);
});

test.each([
  [['comand-service'], 1, 'Did you mean "command-service"?'],
  [['level', 'comand-service', 'debug'], 1, 'Did you mean "command-service"?'],
])('logs %j is refused', async (args, code, message) => {
  expect(await kiroku(shop, 'logs', ...args)).toMatchObject({ code, stderr: expect.stringContaining(message) });
});

test('a log is put aside when it has its size, and read over its files', async () => {
  expect(await readdir(join(dataDirectory, 'logs'))).toContain('query-service.log.1');
  const { lines } = await logs('query-service', '--tail', 'all');
  expect(lines[0]).toMatchObject({ raw: true, level: 'error', msg: expect.stringMatching(/^x+/) });
  expect(lines).toContainEqual(expect.objectContaining({ msg: 'ready' }));
});

test('a service that is killed is in its log', async () => {
  kill((await shop.processIds()).services['payment-simulator'] ?? 0);
  const found = async () => (await logs('payment-simulator', '--level', 'fatal', '--since', '5m')).lines;
  await expect.poll(found, { timeout: 15_000 }).toMatchObject([{ msg: 'ended: SIGKILL', service: 'payment-simulator' }]);
  await shop.untilReady();
});

const fullDisk = `a full disk under the logs stops nothing, is told by health, and by the log once there is room${missingDisk}`;
test.skipIf(!mayMount)(fullDisk, async () => {
  expect(await kiroku(shop, 'logs', 'level', 'client-service', 'debug', '--for', '5m')).toMatchObject({ code: 0 }); // reads have lines, too
  await disk?.fill();
  const health = async () => (await fetch(`http://${shop.graphql.host}/health`)).json();
  await ask('on-a-full-disk', '{ __typename }', {});
  for (let n = 0; n < 30; n += 1) expect(await ask(`full-${n}`, '{ products(first: 1) { nodes { id } } }', {})).toMatchObject({ data: {} });
  await expect
    .poll(health, { timeout: 15_000 })
    .toMatchObject({ ready: true, dependencies: { log: { state: 'down', reason: expect.stringContaining('ENOSPC') } } });
  expect(await ask('full', register, { input: { name: 'Somebody', email: `${crypto.randomUUID()}@shop.example` } })).toMatchObject({
    data: {},
  });
  await disk?.free();
  await ask('room-again', '{ __typename }', {});
  const told = async () => (await logs('client-service', '--grep', 'could not be written')).lines;
  await expect
    .poll(told, { timeout: 15_000 })
    .toMatchObject([{ level: 'error', reason: 'ENOSPC', lost: expect.any(Number), since: expect.any(String) }]);
  await expect.poll(health, { timeout: 15_000 }).toMatchObject({ dependencies: { log: { state: 'up' } } });
  expect((await logs('--correlation', 'room-again')).lines).not.toEqual([]);
});
