import { rm } from 'node:fs/promises';
import { EmbeddedPostgres } from '@kiroku/postgres';
import { testServer } from '@kiroku/testing';
import { freePorts } from '../shop/free-ports.ts';
import { preparedDirectoryOf } from '../shop/prepared-directory.ts';

/** Gives the tests a server, all projects the same. */
export default async function setUp(): Promise<() => Promise<void>> {
  const isFirst = process.env.KIROKU_TEST_RUN === undefined;
  const tearDown = await testServer(async (options) => {
    const [port = 0] = await freePorts(1);
    return new EmbeddedPostgres({ ...options, port });
  });
  const run = process.env.KIROKU_TEST_RUN;
  if (!isFirst || run === undefined) return tearDown;
  return async () => {
    await tearDown();
    await rm(preparedDirectoryOf(run), { recursive: true, force: true });
  };
}
