import { expect, test } from 'vitest';
import { type StatusFacts, statusOf } from './continuous-status.ts';

const state = { handsOver: true, failures: 0, lastFailed: null, lastAccepted: null, waiting: 0, lagSeconds: null };
const coverage = { systemIdentifier: '7', segment: '000000010000000000000003', until: '2026-11-27T10:00:00.000000Z', position: 100 };
const facts: StatusFacts = {
  since: '2026-11-27T09:00:00.000Z',
  place: '/backups',
  state,
  now: { at: '2026-11-27T10:00:40.000000Z', position: 120, systemIdentifier: '7' },
  coverage,
  keys: { kept: true, waiting: 0 },
  timeoutSeconds: 60,
};

test('what is lost with the disk is what was recorded since the last kept moment', () => {
  expect(statusOf(facts)).toMatchObject({ rpoSeconds: 40, behind: false });
});

test('nothing is lost if nothing was recorded since, however long ago', () => {
  const now = { ...facts.now, position: 100, at: '2026-11-28T10:00:00.000000Z' };
  expect(statusOf({ ...facts, now })).toMatchObject({ rpoSeconds: 0, behind: false });
});

test.each([
  ['what was recorded waits for longer than a segment is left open', { now: { ...facts.now, at: '2026-11-27T10:02:30.000000Z' } }],
  ['a segment waits', { state: { ...state, waiting: 1, lagSeconds: 90 } }],
  ['the keys that the log needs cannot be read', { keys: { kept: true, waiting: 0, fault: 'EACCES' } }],
  ['the server does not hand over', { state: { ...state, handsOver: false } }],
])('it is behind when %s', (_, changed) => {
  expect(statusOf({ ...facts, ...changed }).behind).toBe(true);
});

test('before anything is kept, the time since it began counts', () => {
  expect(statusOf({ ...facts, coverage: undefined })).toMatchObject({ rpoSeconds: 3_640, behind: true });
});

test("another server's log covers nothing", () => {
  expect(statusOf({ ...facts, coverage: { ...coverage, systemIdentifier: '8' } })).not.toHaveProperty('coverage');
});

test('where it is off, it is not behind', () => {
  expect(statusOf({ ...facts, since: undefined, state: { ...state, handsOver: false } })).toMatchObject({ behind: false });
});
