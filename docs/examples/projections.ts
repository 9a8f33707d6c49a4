import { defineEvents, defineProjection } from '@kiroku/core';
import { z } from 'zod';

export const loanEvents = defineEvents({
  BookLent: { schema: z.object({ bookId: z.uuid(), reader: z.string(), branch: z.string() }) },
  BookReturned: { schema: z.object({ bookId: z.uuid(), reader: z.string(), branch: z.string() }) },
});

// How busy each branch is, by day: many streams come together in one row.
export const branchDays = defineProjection({
  name: 'branch-days',
  version: 2, // 1 did not count returns
  partitions: 4, // four instances can share the work
  events: loanEvents,
  tables: {
    day: {
      columns: { branch: 'text key', day: 'date key', lent: 'integer', returned: 'integer' },
      indexes: [['day']],
      listedBy: ['branch'], // who keeps the days of a branch is told when one of them changes
      on: {
        BookLent: {
          keys: ({ data, recordedAt }) => ({ branch: data.branch, day: recordedAt.slice(0, 10) }),
          fold: (row, _event, key) => ({ ...key, lent: (row?.lent ?? 0) + 1, returned: row?.returned ?? 0 }),
        },
        BookReturned: {
          keys: ({ data, recordedAt }) => ({ branch: data.branch, day: recordedAt.slice(0, 10) }),
          fold: (row, _event, key) => ({ ...key, lent: row?.lent ?? 0, returned: (row?.returned ?? 0) + 1 }),
        },
      },
    },
  },
});
