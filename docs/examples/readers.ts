import { command, type Decide, defineAggregate, defineEvents, readEvents, reject, type StateDefinition } from '@kiroku/core';
import { z } from 'zod';

const events = defineEvents({
  BookLent: {
    schema: z.strictObject({ bookId: z.uuid(), reader: z.string() }),
    tags: ({ reader }) => [`reader:${reader}`],
  },
  BookReturned: {
    schema: z.strictObject({ bookId: z.uuid(), reader: z.string() }),
    tags: ({ reader }) => [`reader:${reader}`],
  },
});

const commands = {
  LendBook: command({
    schema: z.strictObject({ bookId: z.uuid(), reader: z.string() }),
    target: ({ bookId }) => bookId, // the stream is book-<bookId>
    reads: ({ reader }) => ({ lent: booksOf(reader) }),
  }),
  ReturnBook: command({
    schema: z.strictObject({ bookId: z.uuid() }),
    target: ({ bookId }) => bookId,
  }),
};

type BookState = { on: 'shelf' } | { on: 'loan'; reader: string };
const book: StateDefinition<BookState, typeof events> = {
  name: 'book',
  events,
  initialState: { on: 'shelf' },
  evolve: { BookLent: (_, { data }) => ({ on: 'loan', reader: data.reader }), BookReturned: () => ({ on: 'shelf' }) },
};

const decide: Decide<BookState, typeof commands, typeof events> = {
  LendBook: (state, { data }, { lent }) => {
    if (state.on === 'loan') return reject('BookIsOut', `${state.reader} has it.`);
    return lent < 3 ? [{ type: 'BookLent', data }] : reject('TooManyBooks', `${data.reader} has ${lent} books.`);
  },
  ReturnBook: (state, { data }) => (state.on === 'shelf' ? [] : [{ type: 'BookReturned', data: { ...data, reader: state.reader } }]),
};

export const Book = defineAggregate({ ...book, commands, decide });

function booksOf(reader: string) {
  return readEvents({
    events,
    query: [{ types: ['BookLent', 'BookReturned'], tags: [`reader:${reader}`] }],
    initial: 0,
    fold: { BookLent: (n) => n + 1, BookReturned: (n) => n - 1 },
  });
}
