import { KirokuError } from '@kiroku/core';
import { expect, test } from 'vitest';
import { namedTogether } from './named-together.ts';

function told(...messages: readonly string[]) {
  const faults = new Map(messages.map((message, index) => [index, new KirokuError('DatabaseUnavailable', message)]));
  return [...namedTogether(faults).values()].map(({ message }) => message);
}

test('databases that cannot be reached for the same reason are named in one sentence', () => {
  const all = 'event_store, command_db and query_db cannot be reached. (timeout)';
  expect(
    told('event_store cannot be reached. (timeout)', 'command_db cannot be reached. (timeout)', 'query_db cannot be reached. (timeout)'),
  ).toEqual([all, all, all]);
});

test('each is named once, and one that comes later is named with those before', () => {
  const [first] = told('event_store cannot be reached.', 'event_store cannot be reached.', 'query_db cannot be reached.');
  expect(first).toBe('event_store and query_db cannot be reached.');
  expect(told('event_store and query_db cannot be reached.', 'command_db cannot be reached.')[1]).toBe(
    'event_store, query_db and command_db cannot be reached.',
  );
});

test('another reason is another sentence', () => {
  const messages = [
    'event_store cannot be reached. (timeout)',
    'query_db cannot be reached. (ECONNREFUSED)',
    'command_db has run out of connections.',
  ];
  expect(told(...messages)).toEqual(messages);
});
