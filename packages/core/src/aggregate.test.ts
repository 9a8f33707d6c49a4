import { expect, test } from 'vitest';
import { defineAggregate } from './aggregate.ts';

const named = (name: string) => defineAggregate({ name, events: {}, commands: {}, initialState: 0, evolve: {}, decide: {} });

test.each(['book', 'libraryCard', 'library_card', 'a1'])('an aggregate may be called %s', (name) => {
  expect(named(name).name).toBe(name);
});

test.each(['library-card', 'library card', '1st', '', 'a'.repeat(64)])(
  'an aggregate that is called "%s" is refused: no stream could be named so',
  (name) => {
    const refused = new RegExp(`"${name}" is no name for an aggregate.*letters, digits and _`);
    expect(() => named(name)).toThrowError(expect.objectContaining({ code: 'DefinitionInvalid', message: expect.stringMatching(refused) }));
  },
);
