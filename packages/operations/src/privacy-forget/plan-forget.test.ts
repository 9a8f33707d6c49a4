import { describe, expect, test } from 'vitest';
import type { PrivacyReport } from '../privacy-show/show-privacy.ts';
import { requireReason } from './forget-subject.ts';
import { planForget } from './plan-forget.ts';

const log = { events: 0, types: [], looked: 2_000, whole: false };
const report = (key: PrivacyReport['key'], more: Partial<PrivacyReport> = {}): PrivacyReport => ({
  subject: 'member-7',
  digest: 'sha256:0',
  key,
  log,
  places: [],
  commands: [],
  unseen: [],
  ...more,
});

describe('a subject', () => {
  test.each<PrivacyReport['key']>([{ state: 'key', anotherLost: false }, { state: 'damaged', reason: 'cut short' }, { state: 'lost' }])(
    'is forgotten with a key that is $state',
    (key) => expect(planForget(report(key), {})).toBe('forget'),
  );

  test('that was forgotten is not forgotten again', () => {
    expect(planForget(report({ state: 'forgotten' }), {})).toBe('nothing');
  });

  test('that nobody knows is refused, with how to go on, unless that is asked for', () => {
    const unknown = report({ state: 'unknown' });
    expect(() => planForget(unknown, {})).toThrow(/nobody would be forgotten.*--all.*--unknown/);
    expect(() => planForget(report({ state: 'unknown' }, { meant: '7' }), {})).toThrow('Did you mean 7?');
    expect(() => planForget(report({ state: 'unknown' }, { log: { ...log, whole: true } }), {})).not.toThrow('--all');
    expect(planForget(unknown, { unknown: true })).toBe('forget');
  });

  test('that is a consumer is refused, whatever is asked for', () => {
    expect(() => planForget(report({ state: 'key', anotherLost: false }, { consumer: 'crm' }), { unknown: true })).toThrow(
      'kiroku consumer remove crm',
    );
  });
});

describe('a reason', () => {
  test.each([
    ['request 4711 of Ada@example.org', 'ada@example.org'],
    ['(0193-a+b)', '0193-a+b'],
    ['left: member_7', 'member_7'],
  ])('%j that names %j is refused: it is kept for ever', (reason, subject) => {
    expect(() => requireReason(reason, subject)).toThrow('names the subject');
  });

  test.each([
    ['request 4711', '47'],
    ['request 47110', '4711'],
    ['ticket 7', '7'],
  ])('%j does not name %j', (reason, subject) => {
    expect(() => requireReason(reason, subject)).not.toThrow();
  });

  test('is needed', () => {
    expect(() => requireReason(undefined, 'ada')).toThrow('needs a reason');
  });
});
