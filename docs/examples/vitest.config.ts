import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['*.test.ts'], globalSetup: ['./database-server.ts'], testTimeout: 60_000 },
});
