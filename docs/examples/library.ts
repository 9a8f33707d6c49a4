import { defineApplication, defineProjection } from '@kiroku/core';
import { deposit, depositEvents } from './deposits.ts';
import { desk } from './desk.ts';
import { member } from './members.ts';
import { checkouts, reminders } from './reminders.ts';
import { book, lending, loan, loanEvents } from './sagas.ts';

export const loans = defineProjection({
  name: 'loans',
  version: 1,
  events: { ...loanEvents, ...depositEvents },
  tables: {
    loan: {
      columns: { loan_id: 'text key', books: 'json', status: 'text' },
      on: {
        LoanRequested: {
          keys: ({ data }) => ({ loan_id: data.loanId }),
          fold: (_, { data }) => ({ loan_id: data.loanId, books: data.books, status: 'requested' }),
        },
        DepositPaid: { keys: ({ data }) => ({ loan_id: data.loanId }), fold: (row) => row && { ...row, status: 'lent' } },
        LoanCancelled: { keys: ({ data }) => ({ loan_id: data.loanId }), fold: (row) => row && { ...row, status: 'cancelled' } },
      },
    },
  },
});

export const library = defineApplication({
  name: 'library',
  aggregates: [loan, book, deposit, member, checkouts],
  processManagers: [lending, reminders],
  projections: [loans, desk],
});
