import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRunning, kill, kiroku, ownPorts, RunningShop, startedBefore } from '../shop/running-shop.ts';

let shop: RunningShop;
let place: { readonly dataDirectory: string; readonly environment: Readonly<Record<string, string>> };

beforeAll(async () => {
  place = {
    dataDirectory: await startedBefore(),
    environment: { ...(await ownPorts()), SHUTDOWN_TIMEOUT_MS: '10000', HEALTH_CACHE_MS: '100', HANG_TIMEOUT_SECONDS: '6' },
  };
  shop = await RunningShop.start(place);
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
  await rm(place.dataDirectory, { recursive: true, force: true });
});

const pidOf = async (service: string) => (await shop.processIds()).services[service] ?? 0;

async function restart(...args: readonly string[]) {
  const { code, stdout, stderr } = await kiroku(shop, 'restart', ...args, '--json');
  return { code, stderr, ...(code === 0 ? JSON.parse(stdout) : {}) };
}

test('a service that takes requests is restarted only if somebody agrees, and the audit log says who did', async () => {
  const before = await pidOf('query-service');
  expect(await restart('query-service')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('may fail. Nothing was changed'),
  });
  expect(await pidOf('query-service')).toBe(before);
  const done = await restart('query-service', '--yes', '--reason', 'drill');
  expect(done).toMatchObject({ code: 0, before, killed: false, pid: await pidOf('query-service') });
  expect(isRunning(before)).toBe(false);
  const { stdout } = await kiroku(shop, 'audit', '--operators', '--json', '--limit', '1');
  expect(JSON.parse(stdout)).toMatchObject([
    { verb: 'restart', reason: 'drill', arguments: { service: 'query-service', recreate: false }, outcome: { succeeded: true } },
  ]);
});

test('one that was killed, and is waited for longer and longer, is started at once', async () => {
  for (let kills = 0; kills < 2; kills++) await shop.kill('payment-simulator');
  kill(await pidOf('payment-simulator'));
  expect(await restart('payment-simulator', '--yes')).toMatchObject({ code: 0 });
  await expect.poll(() => kiroku(shop, 'health', '--wait').then(({ code }) => code)).toBe(0);
});

test('one that hangs is killed, and starts again', async () => {
  const before = await pidOf('payment-simulator');
  process.kill(before, 'SIGSTOP');
  expect(await restart('payment-simulator')).toMatchObject({ code: 0, before, killed: true });
});

test('one that hangs for long is killed and started again by itself, and the log and the audit log say why', async () => {
  const before = await pidOf('query-service');
  process.kill(before, 'SIGSTOP');
  await expect.poll(() => shop.output, { timeout: 30_000 }).toContain('query-service is back.');
  expect(await pidOf('query-service')).not.toBe(before);
  expect(shop.output).toContain('query-service ended by itself (it hung: no answer for 6 s, so it was killed). It is started again now.');
  const { stdout: logged } = await kiroku(shop, 'logs', 'query-service', '--level', 'error');
  expect(logged).toContain('ended: it hung: no answer for 6 s, so it was killed');
  const { stdout } = await kiroku(shop, 'audit', '--operators', '--json', '--limit', '1');
  expect(JSON.parse(stdout)).toMatchObject([
    {
      verb: 'restart',
      source: 'kiroku up',
      reason: 'it hung: no answer for 6 s, so it was killed',
      arguments: { service: 'query-service', hung: true },
      outcome: { succeeded: true },
    },
  ]);
});

test('one in which a debugger was opened is left alone, and that is told', async () => {
  const before = await pidOf('query-service');
  process.kill(before, 'SIGUSR1'); // Node opens its debugger
  const output = join(shop.dataDirectory, 'logs/query-service.out');
  await expect.poll(() => readFile(output, 'utf8')).toContain('Debugger listening on');
  process.kill(before, 'SIGSTOP');
  await expect.poll(() => shop.output, { timeout: 30_000 }).toContain('A debugger was opened in it, so it is left alone.');
  process.kill(before, 'SIGCONT');
  expect(await pidOf('query-service')).toBe(before);
});

test('one that is started from nothing has its logs put aside', async () => {
  const { code, logsPutAside } = await restart('command-service', '--recreate', '--yes');
  expect([code, await readdir(logsPutAside)]).toEqual([0, expect.arrayContaining(['command-service.log'])]);
  expect(await readdir(join(shop.dataDirectory, 'logs'))).toContain('command-service.log');
});

test('an unknown service is not restarted, and the one that was meant is named', async () => {
  expect(await restart('comand-service', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Did you mean "command-service"?'),
  });
});

test('after kill -9 of the supervisor nobody restarts, until the next start', async () => {
  kill((await shop.processIds()).supervisor);
  await expect
    .poll(() => restart('payment-simulator', '--yes'))
    .toMatchObject({ code: 1, stderr: expect.stringContaining('`kiroku up` starts everything') });
  await shop.graphql.close();
  shop = await RunningShop.start(place);
  expect(await restart('payment-simulator', '--yes')).toMatchObject({ code: 0 });
});
