import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeSuperseded } from './superseded-parts.mjs';

const dayMs = 86_400_000;
const dayOf = (day: number) => Date.UTC(2026, 0, day);

test('a part stays for a day after the build that did without it, however old it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kiroku-parts-'));
  const build = async (begunAt: number, last: number, part: string) => {
    const names = new Set(['main.js', part]);
    for (const name of names) {
      await writeFile(join(folder, name), '');
      await utimes(join(folder, name), begunAt / 1_000, begunAt / 1_000);
    }
    await removeSuperseded(folder, { names, last, begunAt });
    return (await readdir(folder)).filter((name) => name !== 'main.js').sort();
  };
  try {
    expect(await build(dayOf(1), 0, 'a.js')).toEqual(['a.js']);
    expect(await build(dayOf(10), dayOf(1), 'b.js')).toEqual(['a.js', 'b.js']);
    expect(await build(dayOf(10) + dayMs / 2, dayOf(10), 'c.js')).toEqual(['a.js', 'b.js', 'c.js']);
    expect(await build(dayOf(11), dayOf(10) + dayMs / 2, 'd.js')).toEqual(['b.js', 'c.js', 'd.js']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
