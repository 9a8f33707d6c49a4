import { expect, test } from 'vitest';
import { mayEnter, parseAccounts } from './account.ts';

const postgres = { uid: 101, gid: 104 };

test('accounts are read with their user and group', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n';
  expect(parseAccounts(passwd)).toContainEqual({ name: 'postgres', uid: 101, gid: 104 });
});

test.each([
  { directory: { uid: 0, gid: 0, mode: 0o755 }, enters: true },
  { directory: { uid: 0, gid: 0, mode: 0o700 }, enters: false },
  { directory: { uid: 0, gid: 104, mode: 0o710 }, enters: true },
  { directory: { uid: 0, gid: 104, mode: 0o701 }, enters: false }, // the group's bits apply, not those of the others
  { directory: { uid: 101, gid: 0, mode: 0o700 }, enters: true },
])('a directory $directory may be entered: $enters', ({ directory, enters }) => {
  expect(mayEnter(postgres, directory)).toBe(enters);
});
