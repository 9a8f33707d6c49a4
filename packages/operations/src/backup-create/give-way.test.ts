import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = `
  import { readdirSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { giveWay } from ${JSON.stringify(new URL('../../dist/backup-create/give-way.js', import.meta.url).href)};
  await giveWay();
  console.log(JSON.stringify(readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))));
`;

test.skipIf(process.platform !== 'linux')('every thread of a process that gives way has a lower priority', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(new Set(JSON.parse(stdout))).toEqual(new Set([10]));
});
