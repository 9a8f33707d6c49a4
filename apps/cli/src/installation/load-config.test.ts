import { expect, test } from 'vitest';
import { findConfig } from './load-config.ts';

const disk = (...files: string[]) => ({ has: (file: string) => files.includes(file) });

test('the configuration is found in the nearest directory above', () => {
  const { has } = disk('/work/kiroku.config.ts', '/work/shop/kiroku.config.ts');
  expect(findConfig('/work/shop/apps/cli', has)).toBe('/work/shop/kiroku.config.ts');
});

test('a configuration in the root directory is found', () => {
  expect(findConfig('/work/shop', disk('/kiroku.config.mjs').has)).toBe('/kiroku.config.mjs');
});

test('without a configuration, it says where it looked and what to do', () => {
  expect(() => findConfig('/work/shop', disk().has)).toThrow(/no kiroku\.config\.ts in \/work\/shop or above.*--config/);
});
