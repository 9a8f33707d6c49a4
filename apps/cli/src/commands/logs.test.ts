import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { printedBy } from '../printed-by.test-service.ts';

test('logs of services that write elsewhere fail, and say where was looked and how to point them there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-logs-'));
  const config = join(directory, 'kiroku.config.mjs');
  const services = `[{ name: 'shop', entry: './shop.js', port: 4000, portVariable: 'SHOP_PORT' }]`;
  await writeFile(config, `export default { name: 'test', application: { name: 'test', aggregates: [] }, services: ${services} };`);
  vi.stubEnv('KIROKU_DATA_DIR', directory);
  try {
    const { code, printed } = await printedBy(['node', 'kiroku', '--config', config, 'logs']);
    expect(code).toBe(1);
    expect(printed).toContain(`There is no log of shop in ${directory}/logs`);
    expect(printed).toContain('LOG_FILE');
  } finally {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  }
});

test.each([
  [['--level', 'loud'], '"loud" is no level'],
  [['--grep', '('], 'cannot be read'],
  [['--since', 'yesterday'], 'how long ago'],
  [['--tail', 'some'], 'whole number'],
  [['level', 'all', 'loud'], 'one of trace'],
  [['level', 'all', 'debug', '--for', '2d'], '1s to 24h'],
])('logs %j is a usage error', async (args, message) => {
  const { code, printed } = await printedBy(['node', 'kiroku', 'logs', ...args]);
  expect(code).toBe(2);
  expect(printed).toContain(message);
});
