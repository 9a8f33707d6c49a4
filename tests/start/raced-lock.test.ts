import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('./lock-process.mjs', import.meta.url));

test('a lock that was left is taken by one process, however many find it at the same moment', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-raced-lock-'));
  try {
    const file = join(directory, 'supervisor.lock');
    await writeFile(file, '{"pid":');
    const run = () => promisify(execFile)(process.execPath, [program, file, '20']);
    const said = await Promise.all(Array.from({ length: 5 }, run));
    expect(said.map(({ stdout }) => stdout).join('')).toBe('');
    expect(await readdir(directory)).toEqual(['supervisor.lock']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
