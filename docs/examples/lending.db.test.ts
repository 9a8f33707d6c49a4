import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { migrate, queryReadModel } from '@kiroku/postgres';
import { throwAwayDatabase } from '@kiroku/testing';
import { expect, test } from 'vitest';
import { readers, startLending } from './lending.ts';

test('the example lends a book once, and shows who has it', async () => {
  await using events = await throwAwayDatabase('event_store', migrate);
  await using query = await throwAwayDatabase('query_db', migrate);
  const lending = await startLending(events.url, query.url);
  try {
    const bookId = randomUUID();
    expect(await lending.send('LendBook', { bookId, reader: 'Hanako' })).toMatchObject({ outcome: 'accepted', version: 1 });
    expect(await lending.send('LendBook', { bookId, reader: 'Jiro' })).toMatchObject({ rejection: { code: 'BookIsOut' } });

    const text = (schema: string) => `select name, books from ${schema}.reader`;
    const rows = async () => (await queryReadModel(lending.pool, readers, { text })).rows;
    await expect.poll(rows).toEqual([{ name: 'Hanako', books: 1 }]);
  } finally {
    await lending.stop();
  }
});

test('the README shows the example as it is, in under 60 lines', async () => {
  const [example, readme] = await Promise.all([
    readFile(new URL('./lending.ts', import.meta.url), 'utf8'),
    readFile(new URL('../../README.md', import.meta.url), 'utf8'),
  ]);
  expect(example.split('\n').length - 1).toBeLessThan(60);
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
