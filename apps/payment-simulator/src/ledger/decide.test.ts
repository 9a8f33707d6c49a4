import { describe, expect, test } from 'vitest';
import { Books } from './books.ts';
import { decide } from './decide.ts';
import type { Entry, Operation } from './operations.ts';

const orderId = '0193a5b0-7c1e-7000-8000-0000000000aa';
const newId = '0193a5b0-7c1e-7000-8000-000000000001';
const authorise = (token = 'visa-1'): Operation => ({
  name: 'authorise',
  request: { orderId, token, amount: { amount: 1_250, currency: 'EUR' } },
});
const capture: Operation = { name: 'capture', request: { paymentId: newId } };
const refund: Operation = { name: 'refund', request: { paymentId: newId } };
const giveUp = (authorisationKey: string): Operation => ({ name: 'void', request: { authorisationKey } });
const arrange: Operation = { name: 'arrange', request: { orderId, recipient: orderId, pieces: 2 } };
const cancel = (arrangementKey: string): Operation => ({ name: 'cancel', request: { arrangementKey } });

/** The outcomes of calls made one after the other, each with its key. */
function outcomes(...calls: readonly (readonly [key: string, operation: Operation])[]): readonly unknown[] {
  const books = new Books();
  return calls.map(([key, operation], index) => {
    const outcome = decide(books, key, operation, newId);
    books.add({ sequence: index + 1, at: '2026-11-24T10:00:00.000Z', key, ...operation, outcome } as Entry);
    return 'code' in outcome ? outcome.code : outcome.outcome;
  });
}

describe('a payment', () => {
  test('is authorised, captured and refunded once', () => {
    const calls = [
      ['a', authorise()],
      ['b', capture],
      ['c', capture],
      ['d', refund],
      ['e', refund],
    ] as const;
    expect(outcomes(...calls)).toEqual(['authorised', 'captured', 'AlreadyCaptured', 'refunded', 'AlreadyRefunded']);
  });

  test('is declined with the code that its token says', () => {
    expect(outcomes(['a', authorise('decline-FraudDetected')])).toEqual(['FraudDetected']);
  });

  test('that was voided cannot be captured', () => {
    expect(outcomes(['a', authorise()], ['b', giveUp('a')], ['c', giveUp('a')], ['d', capture])).toEqual([
      'authorised',
      'voided',
      'voided',
      'Voided',
    ]);
  });

  test('that was captured is not voided, and one that was not is not refunded', () => {
    expect(outcomes(['a', authorise()], ['b', refund], ['c', capture], ['d', giveUp('a')])).toEqual([
      'authorised',
      'NotCaptured',
      'captured',
      'AlreadyCaptured',
    ]);
  });

  test('that nobody made is neither captured nor refunded', () => {
    expect(outcomes(['a', capture], ['b', refund])).toEqual(['UnknownPayment', 'UnknownPayment']);
  });

  test('that arrives after it was given up is declined', () => {
    expect(outcomes(['a', giveUp('late')], ['late', authorise()])).toEqual(['voided', 'Voided']);
  });
});

describe('a shipment', () => {
  test('is arranged, and cancelled as often as one likes', () => {
    expect(outcomes(['a', arrange], ['b', cancel('a')], ['c', cancel('a')])).toEqual(['arranged', 'cancelled', 'cancelled']);
  });

  test('that arrives after it was given up is declined', () => {
    expect(outcomes(['a', cancel('late')], ['late', arrange])).toEqual(['cancelled', 'Cancelled']);
  });

  test('is not cancelled by the key of a payment, nor a payment voided by that of a shipment', () => {
    expect(outcomes(['a', authorise()], ['b', arrange], ['c', cancel('a')], ['d', giveUp('b')])).toEqual([
      'authorised',
      'arranged',
      'NoArrangement',
      'NoAuthorisation',
    ]);
  });
});
