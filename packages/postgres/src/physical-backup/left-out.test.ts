import { expect, test } from 'vitest';
import { isEmptied, isLeftOut } from './left-out.ts';

const leftOut = (path: string, ...siblings: string[]) => {
  const at = path.lastIndexOf('/');
  return isLeftOut(path.slice(0, Math.max(at, 0)), path.slice(at + 1), new Set(siblings));
};

test.each(['postmaster.pid', 'recovery.signal', 'base/pgsql_tmp', 'base/5/pg_internal.init', 'base/5/t3_16384', 'base/5/t3_16384_fsm'])(
  '%s is of the running server',
  (path) => expect(leftOut(path)).toBe(true),
);

test.each(['PG_VERSION', 'base/5/16384', 'base/5/16384.1', 'base/5/pg_filenode.map', 'global/pg_control', 'pg_xact/0000'])(
  '%s is backed up',
  (path) => expect(leftOut(path)).toBe(false),
);

test('of an unlogged relation only what it begins with is kept', () => {
  const files = ['16384', '16384.1', '16384_fsm', '16384_init', '16385'];
  expect(files.filter((name) => !leftOut(`base/5/${name}`, ...files))).toEqual(['16384_init', '16385']);
});

test('a database may have a file that is named like one of the running server', () => {
  expect(leftOut('base/5/postmaster.pid')).toBe(false);
});

test('directories that the server fills itself are kept empty, those of other levels are not', () => {
  expect(['pg_wal', 'pg_replslot', 'pg_xact', 'base/pg_wal'].filter(isEmptied)).toEqual(['pg_wal', 'pg_replslot']);
});
