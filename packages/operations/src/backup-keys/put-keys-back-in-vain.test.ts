import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { forgottenText, judgesStates } from './key-content.ts';
import { packKeys } from './pack-keys.ts';
import { putKeysBack } from './put-keys-back.ts';

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const write = (...[file, data, options]: Parameters<typeof real.writeFile>) =>
    disk.isFull ? Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) : real.writeFile(file, data, options);
  return { ...real, writeFile: write };
});

const path = `aa/${'a'.repeat(64)}.json`;

test('what is left of the word that somebody was forgotten stays until that is written anew, so that they are not known again', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  const [backedUp, present] = ['then', 'now'].map((name) => join(root, name)) as [string, string];
  const left = forgottenText(new Date()).slice(0, 30);
  for (const [directory, text] of [
    [backedUp, '{"version":1,"state":"key","master":"m","wrapped":"w"}'],
    [present, left],
  ] as const) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const putBack = () => putKeysBack([{ read: () => packKeys(backedUp) }], { directory: present, judges: judgesStates });
  disk.isFull = true;
  await expect(putBack()).rejects.toMatchObject({ code: 'KeyStoreUnavailable' });
  expect(await readFile(join(present, path), 'utf8')).toBe(left);
  disk.isFull = false;
  await putBack();
  expect(await readFile(join(present, path), 'utf8')).toContain('"forgotten"');
  await rm(root, { recursive: true });
});
