import { expect, test } from 'vitest';
import { formatLiveLine } from './live-line.ts';
import { formatReport } from './print-report.ts';
import { reportOf } from './report.ts';
import { Tally } from './tally.ts';

function tallied(): Tally {
  const tally = new Tally();
  tally.add({ kind: 'order', orderId: 'a', customerId: 'c', items: [], paymentToken: 'visa-1' }, { outcome: 'done', data: {} }, 12);
  tally.add({ kind: 'cancel', orderId: 'a', reason: '', atOnce: true }, { outcome: 'rejected', code: 'OrderAlreadyConfirmed' }, 3);
  tally.add({ kind: 'categories' }, { outcome: 'failed', code: 'TimedOut' }, 1_500);
  return tally;
}

test('the report says what was answered, how fast, and whether that will do', () => {
  const text = formatReport(reportOf(tallied(), { seed: 7, rate: 3, sentForMs: 1_000, maxErrorShare: 0.5 }));
  expect(text).toMatch(/3 requests in 1\.0 s: 3\.0 a second of 3 wanted \(seed 7\)/);
  expect(text).toMatch(/order\s+1\s+1\.0\s+12\.0/);
  expect(text).toContain('Rejections  OrderAlreadyConfirmed 1');
  expect(text).toContain('Errors      TimedOut 1');
  expect(text).toContain('Passed: 33.33 % errors, 50.00 % allowed.');
});

test('the line on the terminal is about what came since the one before', () => {
  const tally = tallied();
  expect(formatLiveLine(1, tally.recent())).toMatch(/^1 s {3}3 answered\/s {3}p99 15\d\d ms {3}1 orders {3}1 errors$/);
  expect(formatLiveLine(2, tally.recent())).toContain('0 answered/s');
});
