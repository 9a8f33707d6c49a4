import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { FileKeyStore } from './file-key-store.ts';

const secret = 's'.repeat(64);
const subjects = Array.from({ length: 60 }, (_, number) => `customer-${number}`);

// asks for the keys, a few at a time, and tells of each that it was given
const program = `
  import { FileKeyStore } from ${JSON.stringify(new URL('../../dist/keys/index.js', import.meta.url).href)};
  const { directory, secret, subjects } = JSON.parse(process.argv[1]);
  const store = new FileKeyStore({ directory, secret });
  const ask = async (subject) => console.log(subject, Buffer.from(await store.keyFor(subject)).toString('hex'));
  while (subjects.length > 0) await Promise.all(subjects.splice(0, 1 + Math.floor(Math.random() * 7)).map(ask));
`;

/** What a process was told that is killed when it has been told so many. */
async function toldUntilKilled(directory: string, most: number): Promise<ReadonlyMap<string, string>> {
  const asked = JSON.stringify({ directory, secret, subjects });
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, asked], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const told = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [subject = '', key = ''] = line.split(' ');
    told.set(subject, key);
    if (told.size === most) child.kill('SIGKILL');
  }
  await closed;
  return told;
}

test('keys that processes were told stay what they are, whenever the processes are killed, and none is left half made', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kiroku-keys-'));
  try {
    const told: ReadonlyMap<string, string>[] = [];
    for (const most of [1, 20, 40]) {
      told.push(...(await Promise.all([toldUntilKilled(directory, most), toldUntilKilled(directory, most + 3)])));
    }
    const store = new FileKeyStore({ directory, secret });
    const keys = await Promise.all(
      subjects.map(async (subject) => [subject, Buffer.from(await store.keyFor(subject)).toString('hex')] as const),
    );
    for (const each of told) for (const [subject, key] of each) expect(new Map(keys).get(subject)).toBe(key);
    expect(new Set(keys.map(([, key]) => key)).size).toBe(subjects.length);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}, 60_000);
