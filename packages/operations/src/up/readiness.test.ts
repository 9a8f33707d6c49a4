import { expect, test } from 'vitest';
import { reasonOf } from './readiness.ts';

test('the reason that a service gives is told', () => {
  expect(reasonOf({ reason: 'waiting for event_store', dependencies: {} })).toBe('waiting for event_store');
});

test('without one, the dependencies that are down are told', () => {
  const dependencies = { query_db: { state: 'down', reason: 'no answer' }, event_store: { state: 'up' } };
  expect(reasonOf({ dependencies })).toBe('query_db: no answer');
});

test.each([undefined, null, 'text', {}, { dependencies: null }])('%j is no reason', (body) => {
  expect(reasonOf(body)).toBe('it gave no reason');
});
