import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');

/** Each with the indentation of its list taken away. */
const blocksOf = (guide: string) =>
  [...guide.matchAll(/^( *)```ts\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', code = '']) =>
    code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );

const parts: readonly (readonly [guide: string, blocks: number, examples: readonly string[]])[] = [
  [
    'build-your-own.md',
    8,
    [
      'readers.ts',
      'readers.test.ts',
      'database-server.ts',
      'library.db.test.ts',
      'upcasting.test.ts',
      '../../domains/shop/src/inventory/evolve.ts',
    ],
  ],
  ['webhooks.md', 1, ['receiver.ts']],
  ['sagas.md', 6, ['sagas.ts', 'deposits.ts', 'sagas.test.ts', 'reminders.ts', 'library.test.ts']],
  ['projections.md', 5, ['projections.ts', 'reading.ts', 'keeping.ts', 'desk.ts', 'query-service.ts']],
  ['personal-data.md', 4, ['members.ts', 'command-service.ts']],
];

describe('what a guide shows stands in an example', () => {
  test('whole', async () => {
    const [guide, ...examples] = await Promise.all(['../guides/projections.md', './projections.ts', './reading.ts'].map(read));
    for (const example of examples) expect(guide).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  test.each(parts)('in parts: %s', async (guide, count, files) => {
    const examples = await Promise.all(files.map((file) => read(`./${file}`)));
    const shown = blocksOf(await read(`../guides/${guide}`));
    expect(shown).toHaveLength(count);
    expect(shown.filter((code) => !examples.some((example) => example.includes(code)))).toEqual([]);
  });

  test('whichever guide it is', async () => {
    const guides = (await readdir(new URL('../guides/', import.meta.url))).filter((name) => !parts.some(([guide]) => guide === name));
    for (const guide of guides) expect(blocksOf(await read(`../guides/${guide}`)), guide).toEqual([]);
  });
});
