import { on, rejected, scenario } from '@kiroku/testing';
import { test } from 'vitest';
import { Book } from './readers.ts';

const [emma, persuasion] = ['0193a1b2-0000-7000-8000-00000000000e', '0193a1b2-0000-7000-8000-00000000000f'];

test('a book is lent to one reader at a time', () => {
  scenario(Book)
    .given(on(Book, emma, { type: 'BookLent', data: { bookId: emma, reader: 'Hanako' } }))
    .when({ type: 'LendBook', data: { bookId: emma, reader: 'Jiro' } })
    .then(rejected('BookIsOut'));
});

test('a reader has three books at most, and what is back does not count', () => {
  const lent = ['a', 'b', 'c'].map((last) => {
    const bookId = `0193a1b2-0000-7000-8000-00000000000${last}`;
    return on(Book, bookId, { type: 'BookLent', data: { bookId, reader: 'Hanako' } });
  });
  const bookId = '0193a1b2-0000-7000-8000-00000000000a';
  const back = on(Book, bookId, { type: 'BookReturned', data: { bookId, reader: 'Hanako' } });
  const lend = { type: 'LendBook', data: { bookId: persuasion, reader: 'Hanako' } } as const;
  const { given } = scenario(Book);
  given(...lent)
    .when(lend)
    .then(rejected('TooManyBooks'));
  given(...lent, back)
    .when(lend)
    .then({ type: 'BookLent', data: lend.data });
});
