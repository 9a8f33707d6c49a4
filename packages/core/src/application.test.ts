import { expect, test } from 'vitest';
import { defineApplication } from './application.ts';
import { matches } from './event-query.ts';
import type { ProcessManager } from './process-manager.ts';

test('an application with a name used twice is refused', () => {
  const manager = { name: 'fulfilment' } as ProcessManager; // only its name is looked at
  expect(() => defineApplication({ name: 'shop', aggregates: [], processManagers: [manager, manager] })).toThrowError(
    /process manager "fulfilment" is defined twice/,
  );
});

test.each([
  [[], false],
  [[{}], true],
  [[{ types: ['A'] }], true],
  [[{ types: ['B'] }], false],
  [[{ tags: ['x', 'y'] }], true],
  [[{ tags: ['x', 'z'] }], false],
  [[{ types: ['B'] }, { types: ['A'], tags: ['y'] }], true],
])('the query %j on an A tagged x, y matches: %s', (query, expected) => {
  expect(matches(query, { type: 'A', tags: ['x', 'y'] })).toBe(expected);
});
