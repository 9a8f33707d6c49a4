import { expect, test } from 'vitest';
import { notReady } from './not-ready.ts';
import { nothingAnswers } from './readiness.ts';

const late = { service: { portVariable: 'COMMANDS_PORT' as const }, port: 19055, url: 'http://127.0.0.1:19055', afterMs: 60_000 };

test('where nothing answers, it is said what was asked, and which variable has the port', () => {
  expect(notReady({ ...late, reason: nothingAnswers })).toBe(
    'is not ready after 60 s: nothing answers (asked http://127.0.0.1:19055/health/ready; COMMANDS_PORT=19055 was given: does it read that?)',
  );
});

test('a service that answers says itself why it is not ready', () => {
  expect(notReady({ ...late, reason: 'waiting for event_store' })).toBe('is not ready after 60 s: waiting for event_store');
});
