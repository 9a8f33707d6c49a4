import { expect, test } from 'vitest';
import { startFailure, stillEnding } from './start-failure.ts';

const place = { port: 4010, logFile: '/data/server.log' };

test('the reason is the last fatal line of the log, with where the whole log is', () => {
  const log =
    '2026-11-24 10:00:00 UTC [7] LOG:  starting\n2026-11-24 10:00:00 UTC [7] FATAL:  could not map memory\n2026 [7] LOG:  shut down\n';
  expect(startFailure(log, place).message).toMatch(/did not start: could not map memory\. .*\/data\/server\.log/);
});

test('a program that could not even begin is quoted', () => {
  expect(startFailure('postgres: could not access "kiroku.conf": Permission denied\n', place).message).toContain('Permission denied');
});

test('a port that another program took in the meantime is named', () => {
  const log = 'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\nFATAL:  could not create any TCP/IP sockets\n';
  expect(startFailure(log, place)).toMatchObject({ code: 'ConfigurationInvalid', message: expect.stringContaining('4010') });
});

test('memory that processes of a killed server still hold is worth another try', () => {
  expect(stillEnding('FATAL:  pre-existing shared memory block (key 5, ID 6) is still in use')).toBe(true);
  expect(stillEnding('FATAL:  lock file "postmaster.pid" already exists')).toBe(false);
});
