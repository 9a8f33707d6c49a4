import { expect, test } from 'vitest';
import { isInstalled } from './installed.mjs';

const lock = {
  packages: {
    '': { name: 'root' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
};

test('what npm recorded is what the lock file says', () => {
  expect(isInstalled(lock, lock)).toBe(true);
});

test('an optional package of another platform may be missing', () => {
  expect(isInstalled(lock, { packages: { 'node_modules/a': lock.packages['node_modules/a'] } })).toBe(true);
});

test('a missing package or another version means that it must be installed', () => {
  expect(isInstalled(lock, { packages: {} })).toBe(false);
  expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '0.9.0', integrity: 'sha512-a' } } })).toBe(false);
});
