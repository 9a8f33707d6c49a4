import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessOutput } from './process-output.ts';

let dataDirectory: string;
beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'kiroku-output-'));
});
afterEach(() => rmSync(dataDirectory, { recursive: true }));

const logged = () =>
  readFileSync(join(dataDirectory, 'logs', 'shop.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function open() {
  const output = new ProcessOutput({ dataDirectory, service: 'shop' });
  const fd = output.open();
  if (fd === undefined) throw new Error('It cannot be opened.');
  return { output, fd };
}

test('what a process wrote before it crashed is in its log, with why it ended', () => {
  const { output, fd } = open();
  const crash = "console.error('postgres://a:hidden@db'); throw new Error('no way on')";
  const { status } = spawnSync(process.execPath, ['-e', crash], { stdio: ['ignore', fd, fd] });
  closeSync(fd);
  output.ended({ reason: `exit code ${status}`, wanted: false });
  expect(logged()).toMatchObject([
    { level: 'fatal', service: 'shop', msg: 'ended: exit code 1', output: expect.stringContaining('Error: no way on\n    at ') },
  ]);
  expect(logged()[0].output).toContain('postgres://a:***@db');
});

test('what a process left whose supervisor was killed is in its log before the next start', () => {
  writeSync(open().fd, 'Segmentation fault\n');
  const { output } = open();
  expect(logged()).toMatchObject([{ level: 'error', output: 'Segmentation fault' }]);
  output.ended({ reason: '', wanted: true });
  expect(logged()).toHaveLength(1);
});

test('a process that was asked to stop and had to be killed is told of', () => {
  const { output, fd } = open();
  closeSync(fd);
  output.ended({ reason: 'SIGKILL', wanted: true });
  expect(logged()).toMatchObject([{ level: 'warn', service: 'shop', msg: 'ended: SIGKILL' }]);
});

test('of very much the last part is kept', () => {
  const { output, fd } = open();
  writeSync(fd, `${'x'.repeat(1_000_000)}the end`);
  output.ended({ reason: 'SIGABRT', wanted: false });
  expect(logged()[0].output).toHaveLength(64 * 1024);
  expect(logged()[0].output).toMatch(/the end$/);
});

test('a place that cannot be written keeps no process from running', () => {
  writeFileSync(join(dataDirectory, 'logs'), 'a file where the directory should be');
  const output = new ProcessOutput({ dataDirectory, service: 'shop' });
  expect(output.open()).toBeUndefined();
  expect(() => output.ended({ reason: 'exit code 1', wanted: false })).not.toThrow();
});
