import { expect, test } from 'vitest';
import { logServices } from './log-filter.ts';

const names = ['command-service', 'query-service'];

test('all services are meant, or one', () => {
  expect(logServices(names, undefined)).toEqual(names);
  expect(logServices(names, 'query-service')).toEqual(['query-service']);
});

test.each([
  ['comand-service', 'Did you mean "command-service"?'],
  ['x', 'There are: command-service, query-service.'],
])('%s is no service', (name, hint) => {
  expect(() => logServices(names, name)).toThrow(hint);
});
