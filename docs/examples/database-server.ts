import { EmbeddedPostgres, freePort } from '@kiroku/postgres';
import { testServer } from '@kiroku/testing';

/** PostgreSQL for the tests of one run: that of KIROKU_TEST_DATABASE_URL, or one that is gone afterwards. */
export default () => testServer(async (options) => new EmbeddedPostgres({ ...options, port: await freePort() }));
