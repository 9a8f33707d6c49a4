import { expect, test } from 'vitest';
import { answerOf, unanswered } from './answer.ts';

test('data is a success', () => {
  expect(answerOf(200, { data: { product: null } })).toEqual({ outcome: 'done', data: { product: null } });
});

test('a no of the shop is a rejection, not a failure', () => {
  const errors = [{ message: 'No.', extensions: { kind: 'rejection', code: 'OrderAlreadyConfirmed' } }];
  expect(answerOf(200, { data: null, errors })).toEqual({ outcome: 'rejected', code: 'OrderAlreadyConfirmed' });
});

test.each([
  [{ errors: [{ extensions: { kind: 'fault', code: 'NotCaughtUp' } }] }, 'NotCaughtUp'],
  [{ errors: [{ message: 'Syntax error.' }] }, 'Http502'],
  [{ code: 'Stopping', detail: 'It stops.' }, 'Stopping'],
  [undefined, 'Http502'],
])('%j is a failure', (body, code) => {
  expect(answerOf(502, body)).toEqual({ outcome: 'failed', code });
});

test('no answer is a failure, and a late one is told apart', () => {
  expect(unanswered(new Error('reset'))).toEqual({ outcome: 'failed', code: 'NoAnswer' });
  expect(unanswered(new DOMException('late', 'TimeoutError'))).toEqual({ outcome: 'failed', code: 'TimedOut' });
});
