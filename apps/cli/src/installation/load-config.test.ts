import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfig, loadConfig } from './load-config.ts';

const disk = (...files: string[]) => ({ has: (file: string) => files.includes(file) });

test('the configuration is found in the nearest directory above', () => {
  const { has } = disk('/srv/kiroku.config.ts', '/srv/shop/kiroku.config.ts');
  expect(findConfig('/srv/shop/apps/cli', has)).toBe('/srv/shop/kiroku.config.ts');
});

test('a configuration in the root directory is found', () => {
  expect(findConfig('/srv/shop', disk('/kiroku.config.mjs').has)).toBe('/kiroku.config.mjs');
});

test('without a configuration, it says where it looked and what to do', () => {
  expect(() => findConfig('/srv/shop', disk().has)).toThrow(/no kiroku\.config\.ts in \/srv\/shop or above.*--config/);
});

test.each([
  ["throw Object.assign(new Error('Two services have the port 4000.'), { name: 'KirokuError' });", /port 4000\.$/],
  ["import './not-built.mjs';", /not-built\.mjs.*\(If something is not built: `npm run build`\.\)$/],
])('a configuration that cannot be loaded says why, and to build only where that may help (%s)', async (content, message) => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-cli-'));
  const file = join(directory, 'kiroku.config.mjs');
  await writeFile(file, content);
  await expect(loadConfig(file)).rejects.toThrow(message);
  await rm(directory, { recursive: true });
});
