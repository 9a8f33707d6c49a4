import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStart } from '@kiroku/postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory, runningSupervisor } from './supervisor-lock.ts';
import { writeSupervisorState } from './supervisor-state.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kiroku-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

const held = (holder: unknown) =>
  writeFile(join(directory, 'supervisor.lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));

test('a lock that was given back can be taken again', async () => {
  const unlock = await lockDataDirectory(directory);
  await unlock();
  expect(await readdir(directory)).toEqual([]);
  await (await lockDataDirectory(directory))();
});

test.each([
  ['of a process that is gone', { pid: 2 ** 22 + 1, start: '1' }],
  ['of an earlier process with the number of one that runs now', { pid: 1, start: 'long ago' }],
  ['that was cut off by a crash', '{"pid":'],
])('a lock %s is taken over', async (_what, holder) => {
  await held(holder);
  await expect(lockDataDirectory(directory)).resolves.toBeTypeOf('function');
});

test('a lock of a process that runs is respected, and the process named', async () => {
  await held({ pid: process.ppid, start: await processStart(process.ppid) });
  await expect(lockDataDirectory(directory)).rejects.toThrow(new RegExp(`already running .*process ${process.ppid}`));
});

test('a lock that this process has is not taken by it again', async () => {
  const unlock = await lockDataDirectory(directory);
  await expect(lockDataDirectory(directory)).rejects.toMatchObject({ code: 'ConfigurationInvalid' });
  await unlock();
});

test('the state that a killed supervisor left is none of one that runs, though another process has its number now', async () => {
  const state = { pid: process.ppid, startedAt: new Date().toISOString(), ready: true, postgres: undefined, services: [] };
  await writeSupervisorState(directory, state);
  expect(await runningSupervisor(directory)).toBeUndefined();
  await held({ pid: process.ppid, start: 'long ago' });
  expect(await runningSupervisor(directory)).toBeUndefined();
  await held({ pid: process.ppid, start: await processStart(process.ppid) });
  expect(await runningSupervisor(directory)).toMatchObject({ pid: process.ppid });
});
