import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { auditHash, beforeFirst } from './audit-chain.ts';
import { auditFindingKinds } from './audit-finding.ts';

test('the runbook says what each kind of finding means', async () => {
  const runbook = await readFile(new URL('../../../../docs/runbooks/audit.md', import.meta.url), 'utf8');
  expect([...runbook.matchAll(/^\| `([A-Z][A-Za-z]+)` \|/gm)].map(([, kind]) => kind).toSorted()).toEqual(
    [...auditFindingKinds].toSorted(),
  );
});

// docs/reference/hash-chain.md
test('the hash of an entry is that of the documented test vectors', () => {
  const first = auditHash('commands', { previousHash: beforeFirst, sequence: 1, fields: ['rejected', null, 'Jürgen 🫖', ''] });
  expect(first.toString('hex')).toBe('61f5ac37a0b7b0f50d8d3bc30bf15c72631d1c385853ff1038c08017e3d9c181');
  const second = auditHash('operators', { previousHash: first, sequence: 2, fields: [] });
  expect(second.toString('hex')).toBe('6b748e1c852e96f44b7cd146176ad5000e5e71924e2610eee30566d951ae3bca');
});

test('neither a field that moves nor a null that becomes empty keeps the hash', () => {
  const of = (fields: readonly (string | null)[]) =>
    auditHash('commands', { previousHash: beforeFirst, sequence: 1, fields }).toString('hex');
  expect(new Set([of(['ab', 'c']), of(['a', 'bc']), of(['abc']), of([null, 'abc']), of(['', 'abc']), of(['abc', ''])]).size).toBe(6);
});
