import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/setup/longest-first.ts';

const source = {
  ssr: { resolve: { conditions: ['@kiroku/source'] } },
  resolve: {
    conditions: ['@kiroku/source'],
    // Node loads CommonJS graphql, Vite would load the ES module beside it: two copies refuse each other's schemas.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
};

/** Until something is taken to hang, however busy the machine is. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    // Much of what the tests do is waiting: for processes that start, leases that expire, a disk. With one more than there are cores, a quarter of
    // their time was left.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        ...source,
        test: {
          ...patience,
          name: 'pure',
          include: [
            'packages/*/src/**/*.test.ts',
            'domains/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'docs/examples/*.test.ts',
          ],
          exclude: ['**/*.db.test.ts', '**/node_modules/**', '**/dist/**'],
          isolate: false, // loading the modules anew for each of 150 files took twice as long as the tests
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: 'database',
          include: ['packages/*/src/**/*.db.test.ts', 'apps/*/src/**/*.db.test.ts', 'docs/examples/*.db.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          globalSetup: ['tests/setup/database-server.ts'],
          isolate: false,
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: 'processes',
          include: ['tests/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          globalSetup: ['tests/setup/bundled-programs.ts', 'tests/setup/database-server.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000, // the first to start a shop makes the one that all others are copies of
        },
      },
    ],
  },
});
