import { defineConfig } from 'vitest/config';

const source = {
  ssr: { resolve: { conditions: ['@kiroku/source'] } },
  resolve: {
    conditions: ['@kiroku/source'],
    // Node loads CommonJS graphql, Vite would load the ES module beside it: two copies refuse each other's schemas.
    alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }],
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        ...source,
        test: {
          name: 'pure',
          include: [
            'packages/*/src/**/*.test.ts',
            'domains/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'docs/examples/*.test.ts',
          ],
          exclude: ['**/*.db.test.ts', '**/node_modules/**', '**/dist/**'],
        },
      },
      {
        ...source,
        test: {
          name: 'database',
          include: ['packages/*/src/**/*.db.test.ts', 'apps/*/src/**/*.db.test.ts', 'docs/examples/*.db.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          globalSetup: ['tests/setup/database-server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...source,
        test: {
          name: 'processes',
          include: ['tests/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
