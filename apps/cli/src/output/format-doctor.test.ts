import { stripVTControlCharacters } from 'node:util';
import type { TreatedFinding } from '@kiroku/operations';
import { expect, test } from 'vitest';
import { doctorExitCode, formatDoctorEnd, formatFinding, formatNotMade } from './format-doctor.ts';

const finding: TreatedFinding = {
  code: 'SnapshotAhead',
  severity: 'warning',
  where: 'event_store',
  what: '3 snapshots have a last event that does not stand in their stream.',
  why: 'It takes room.',
  fix: 'deletes them',
  outcome: 'found',
};
const report = (...findings: readonly TreatedFinding[]) => ({ checks: ['snapshots'], findings });

test('a finding says what, where and why, and what repairs it', () => {
  expect(stripVTControlCharacters(formatFinding(finding))).toBe(
    '! SnapshotAhead event_store\n  3 snapshots have a last event that does not stand in their stream.\n  It takes room.\n  --fix deletes them.',
  );
  expect(stripVTControlCharacters(formatFinding({ ...finding, outcome: 'fixed' }))).toContain('Repaired: deletes them.');
  expect(stripVTControlCharacters(formatFinding({ ...finding, outcome: 'failed', error: 'no room' }))).toContain(
    'could not be repaired: no room',
  );
});

test('through a gateway, what repairs it is said to be done elsewhere, and what was not looked at is told', () => {
  expect(stripVTControlCharacters(formatFinding(finding, 'elsewhere'))).toMatch(
    / {2}`kiroku doctor --fix`, where the databases can be reached, deletes them\.$/,
  );
  expect(stripVTControlCharacters(formatNotMade({ check: 'disks', reason: 'They are elsewhere.' }))).toBe(
    '- disks was not looked at: They are elsewhere.',
  );
});

test.each([
  ['nothing', [], 0],
  ['what was repaired', [{ ...finding, severity: 'error', outcome: 'fixed' }], 0],
  ['notes', [{ ...finding, severity: 'info' }], 0],
  ['warnings', [finding], 3],
  ['errors', [finding, { ...finding, severity: 'error' }], 1],
  ['repairs that failed', [{ ...finding, severity: 'error', outcome: 'failed', error: 'no' }], 1],
] as const)('the exit code of %s', (_what, findings, code) => {
  expect(doctorExitCode(report(...findings))).toBe(code);
});

test('the end counts what is left', () => {
  expect(stripVTControlCharacters(formatDoctorEnd(report({ ...finding, outcome: 'fixed' })))).toBe(
    '✓ 1 check, nothing is wrong, 1 repaired.',
  );
  expect(stripVTControlCharacters(formatDoctorEnd(report(finding)))).toMatch(/^1 check: 0 to act on, 1 warning, 0 notes\./);
});
