import { command, defineAggregate, defineEvents, defineSaga, reject, type StateDefinition } from '@kiroku/core';
import { z } from 'zod';
import { depositCommands, depositEvents } from './deposits.ts';

const requested = z.strictObject({ loanId: z.uuid(), books: z.array(z.string()).min(1), cents: z.int().positive() });
const given = z.strictObject({ loanId: z.uuid(), reason: z.string() });
const ofBook = z.strictObject({ loanId: z.uuid(), book: z.string() });

export const loanEvents = defineEvents({ LoanRequested: { schema: requested }, LoanCancelled: { schema: given } });
const loanCommands = {
  RequestLoan: command({ schema: requested, target: ({ loanId }) => loanId }),
  CancelLoan: command({ schema: given, target: ({ loanId }) => loanId }),
};
type LoanState = 'none' | 'requested' | 'cancelled';
const loanState: StateDefinition<LoanState, typeof loanEvents> = {
  name: 'loan',
  events: loanEvents,
  initialState: 'none',
  evolve: { LoanRequested: () => 'requested', LoanCancelled: () => 'cancelled' },
};
export const loan = defineAggregate({
  ...loanState,
  commands: loanCommands,
  decide: {
    RequestLoan: (state, { data }) => (state === 'none' ? [{ type: 'LoanRequested', data }] : []),
    CancelLoan: (state, { data }) => (state === 'requested' ? [{ type: 'LoanCancelled', data }] : []),
  },
});

const bookEvents = defineEvents({ BookHeld: { schema: ofBook }, BookFreed: { schema: ofBook } });
const bookCommands = {
  HoldBook: command({ schema: ofBook, target: ({ book }) => book }),
  FreeBook: command({ schema: ofBook, target: ({ book }) => book }),
};
type BookState = { on: 'shelf' } | { on: 'hold'; loanId: string };
const bookState: StateDefinition<BookState, typeof bookEvents> = {
  name: 'book',
  events: bookEvents,
  initialState: { on: 'shelf' },
  evolve: { BookHeld: (_, { data }) => ({ on: 'hold', loanId: data.loanId }), BookFreed: () => ({ on: 'shelf' }) },
};
const isHeldFor = (state: BookState, loanId: string) => state.on === 'hold' && state.loanId === loanId;
export const book = defineAggregate({
  ...bookState,
  commands: bookCommands,
  decide: {
    HoldBook: (state, { data }) => {
      if (isHeldFor(state, data.loanId)) return [];
      return state.on === 'shelf' ? [{ type: 'BookHeld', data }] : reject('BookIsOut', 'Somebody else has it.');
    },
    FreeBook: (state, { data }) => (isHeldFor(state, data.loanId) ? [{ type: 'BookFreed', data }] : []),
  },
});

/** Undoing goes on for about half an hour before people are asked. */
const patiently = { timeoutMs: 30_000, retry: { attempts: 60, baseMs: 500, capMs: 30_000 } };

/** Holds the books of a loan and takes a deposit for them; or neither. */
export const lending = defineSaga({
  name: 'lending',
  events: { ...loanEvents, ...bookEvents, ...depositEvents },
  commands: { ...loanCommands, ...bookCommands, ...depositCommands },
  correlate: ({ data }) => data.loanId,
  startsOn: { LoanRequested: ({ data: { loanId, books, cents } }) => ({ loanId, books, cents }) },
  cancelsOn: { LoanCancelled: ({ data }) => data.reason },
  deadlineMs: 15 * 60_000,
  steps: [
    {
      name: 'hold books',
      parts: ({ books }) => books,
      command: { type: 'HoldBook', data: ({ loanId }, { part }) => ({ loanId, book: part }) },
      success: { BookHeld: ({ data }) => data.book },
      timeoutMs: 30_000,
      retry: { attempts: 3, baseMs: 1_000, notOn: ['BookIsOut'] },
      undo: {
        command: { type: 'FreeBook', data: ({ loanId }, { part }) => ({ loanId, book: part }) },
        success: { BookFreed: ({ data }) => data.book },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
    {
      name: 'take deposit',
      command: { type: 'AskDeposit', data: ({ loanId, cents }) => ({ loanId, cents }) },
      success: { DepositPaid: true },
      failure: { DepositDeclined: () => ({ reason: 'The bank declined.' }) },
      timeoutMs: 60_000,
      retry: { attempts: 2, notOn: ['DepositDeclined', 'DepositIsOver'] },
      undo: {
        command: { type: 'VoidDeposit', data: ({ loanId }) => ({ loanId }) },
        success: { DepositVoided: true },
        nothingIfNoEvents: true,
        ...patiently,
      },
    },
  ],
  undo: {
    command: { type: 'CancelLoan', data: ({ loanId }, { reason }) => ({ loanId, reason }) },
    success: { LoanCancelled: true },
    nothingIfNoEvents: true,
    ...patiently,
  },
});
