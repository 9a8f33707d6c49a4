import { command, type Decide, defineAggregate, defineEvents, defineProjection, reject, type StateDefinition } from '@kiroku/core';
import { createCommandHandler, ProjectionWorker } from '@kiroku/engine';
import { createPool, migrate, PostgresEventStore, PostgresReadModelStore } from '@kiroku/postgres';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';

// Facts, in the past tense. A schema is all the typing there is.
const events = defineEvents({
  BookLent: { schema: z.object({ bookId: z.uuid(), reader: z.string() }) },
  BookReturned: { schema: z.object({ bookId: z.uuid(), reader: z.string() }) },
});

// What can be asked for, and of which book.
const commands = {
  LendBook: command({ schema: z.object({ bookId: z.uuid(), reader: z.string().min(1) }), target: ({ bookId }) => bookId }),
  ReturnBook: command({ schema: z.object({ bookId: z.uuid() }), target: ({ bookId }) => bookId }),
};

type BookState = { on: 'shelf' } | { on: 'loan'; reader: string };
const book: StateDefinition<BookState, typeof events> = {
  name: 'book',
  events,
  initialState: { on: 'shelf' },
  evolve: { BookLent: (_, { data }) => ({ on: 'loan', reader: data.reader }), BookReturned: () => ({ on: 'shelf' }) },
};

const decide: Decide<BookState, typeof commands, typeof events> = {
  LendBook: (state, { data }) => (state.on === 'loan' ? reject('BookIsOut', `${state.reader} has it.`) : [{ type: 'BookLent', data }]),
  ReturnBook: (state, { data }) => (state.on === 'shelf' ? [] : [{ type: 'BookReturned', data: { ...data, reader: state.reader } }]),
};

// A read model: who has how many books.
export const readers = defineProjection({
  name: 'readers',
  version: 1,
  events,
  tables: {
    reader: {
      columns: { name: 'text key', books: 'integer' },
      on: {
        BookLent: { keys: (e) => ({ name: e.data.reader }), fold: (row, e) => ({ name: e.data.reader, books: (row?.books ?? 0) + 1 }) },
        BookReturned: { keys: (e) => ({ name: e.data.reader }), fold: (row) => row && { ...row, books: row.books - 1 } },
      },
    },
  },
});

// Runs both on two empty databases.
export async function startLending(eventStoreUrl: string, queryUrl: string) {
  await Promise.all([migrate({ database: 'event_store', url: eventStoreUrl }), migrate({ database: 'query_db', url: queryUrl })]);
  const eventStore = new PostgresEventStore({ url: eventStoreUrl });
  const pool = createPool({ url: queryUrl, applicationName: 'lending' });
  const readModels = new PostgresReadModelStore({ pool });
  const worker = new ProjectionWorker({ eventStore, readModels, projections: [readers], instance: 'lending' });
  await worker.start();
  const handle = createCommandHandler({ aggregates: [defineAggregate({ ...book, commands, decide })], eventStore });
  const send = (type: string, data: object) => handle({ type, data, id: uuid(), at: new Date().toISOString(), metadata: {} });
  return { send, pool, stop: () => worker.stop().then(() => Promise.all([eventStore.stop(), pool.end()])) };
}
