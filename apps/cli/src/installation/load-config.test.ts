import { expect, test } from 'vitest';
import { findConfig } from './load-config.ts';

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
