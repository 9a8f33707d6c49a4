import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');
const blocksOf = (guide: string) => [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

describe('what a guide shows stands in an example', () => {
  test('whole', async () => {
    const [guide, ...examples] = await Promise.all(['../guides/projections.md', './projections.ts', './reading.ts'].map(read));
    for (const example of examples) expect(guide).toContain(`\`\`\`ts\n${example}\`\`\``);
  });

  test.each([
    ['sagas.md', 6, ['sagas.ts', 'deposits.ts', 'sagas.test.ts', 'reminders.ts', 'library.test.ts']],
    ['projections.md', 5, ['projections.ts', 'reading.ts', 'keeping.ts', 'desk.ts', 'query-service.ts']],
    ['personal-data.md', 4, ['members.ts', 'command-service.ts']],
  ])('in parts: %s', async (guide, count, files) => {
    const examples = await Promise.all(files.map((file) => read(`./${file}`)));
    const shown = blocksOf(await read(`../guides/${guide}`));
    expect(shown).toHaveLength(count);
    expect(shown.filter((code) => !examples.some((example) => example.includes(code)))).toEqual([]);
  });
});
