import { check, defineEvents, type RecordedEvent, upcast } from '@kiroku/core';
import { expect, test } from 'vitest';
import { z } from 'zod';

const events = defineEvents({
  BookLent: {
    version: 3,
    schema: z.strictObject({ bookId: z.string(), reader: z.string(), branch: z.string() }),
    upcasters: {
      1: ({ book, ...data }) => ({ ...data, bookId: book ?? null }), // it was called `book`
      2: (data) => ({ ...data, branch: 'main' }), // there was one branch only
    },
  },
});

const today = { bookId: 'b-1', reader: 'Hanako', branch: 'main' };
const recorded: RecordedEvent = {
  position: 1,
  stream: 'book-1',
  version: 1,
  id: 'e-1',
  type: 'BookLent',
  schemaVersion: 3,
  data: today,
  metadata: {},
  tags: [],
  recordedAt: '2026-11-21T10:00:00.000Z',
};

// as the log has them
const stored = [
  { schemaVersion: 1, data: { book: 'b-1', reader: 'Hanako' } },
  { schemaVersion: 2, data: { bookId: 'b-1', reader: 'Hanako' } },
];

test.each(stored)('a BookLent of version $schemaVersion is read as one of today', (sample) => {
  const { data } = upcast(events, { ...recorded, ...sample });
  expect(data).toEqual(today);
  expect(check(events.BookLent.schema, data)).toEqual({ value: today });
});
