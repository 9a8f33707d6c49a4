import { expect, test } from 'vitest';
import { renderSettings, socketFits } from './settings.ts';

const settings = { port: 4010, socketDirectory: '/data/socket', memory: 8 * 1024 ** 3, durable: true };

test('WAL is archived from the start, by a command that can be replaced without a restart', () => {
  expect(renderSettings(settings)).toContain("archive_mode = 'on'\narchive_command = '/bin/true'");
});

test('durability is only ever given up when asked for', () => {
  expect(renderSettings(settings)).not.toMatch(/fsync|synchronous_commit/);
  expect(renderSettings({ ...settings, durable: false })).toContain("fsync = 'off'");
});

test.each([
  [1, '128MB'],
  [4, '512MB'],
  [64, '1024MB'],
])('of %i GiB of memory, %s are shared buffers', (gibibytes, buffers) => {
  expect(renderSettings({ ...settings, memory: gibibytes * 1024 ** 3 })).toContain(`shared_buffers = '${buffers}'`);
});

test("a quote in a directory's name stays inside the value", () => {
  expect(renderSettings({ ...settings, socketDirectory: "/it's" })).toContain("'/it''s'");
});

test('a socket path may have 107 bytes', () => {
  const name = '/.s.PGSQL.65535'.length;
  expect(socketFits(`/${'x'.repeat(106 - name)}`)).toBe(true);
  expect(socketFits(`/${'x'.repeat(107 - name)}`)).toBe(false);
});
