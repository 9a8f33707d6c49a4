import { command, defineEvents, defineSaga } from '@kiroku/core';
import { expect, test } from 'vitest';
import { anySchema } from '../any-schema.ts';

interface Loan {
  readonly loanId: string;
}
const events = defineEvents({ LoanAsked: { schema: anySchema<Loan>() }, BookHeld: { schema: anySchema<Loan>() } });
const commands = {
  HoldBook: command({ schema: anySchema<Loan>(), target: ({ loanId }) => loanId }),
  FreeBook: command({ schema: anySchema<Loan & { readonly reason: string }>(), target: ({ loanId }) => loanId }),
};
const success = { BookHeld: true } as const;

// checked by the compiler: `npm run verify`
test('the data of a saga follows from its start, wherever commands are made of it', () => {
  const saga = defineSaga({
    name: 'loan',
    events,
    commands,
    correlate: ({ data }) => data.loanId,
    startsOn: { LoanAsked: ({ data: { loanId } }) => ({ loanId }) },
    undo: { command: { type: 'FreeBook', data: ({ loanId }, { reason }) => ({ loanId, reason }) }, success },
    steps: [
      { name: 'hold', command: { type: 'HoldBook', data: ({ loanId }) => ({ loanId }) }, success },
      // @ts-expect-error the start does not say that
      { name: 'hold another', command: { type: 'HoldBook', data: ({ bookId }) => ({ loanId: bookId }) }, success },
      // @ts-expect-error FreeBook has a reason
      { name: 'free', command: { type: 'FreeBook', data: ({ loanId }) => ({ loanId }) }, success },
    ],
  });
  expect(saga.eventTypes).toEqual(['LoanAsked', 'BookHeld']);
});
