import { expect, test } from 'vitest';
import { meantName } from './meant-name.ts';

const services = ['payment-simulator', 'command-service', 'query-service'];

test.each([
  ['comand-service', 'Did you mean "command-service"?'],
  ['query', 'Did you mean "query-service"?'],
  ['Query-Service', 'Did you mean "query-service"?'],
  ['nosuch', 'There are: payment-simulator, command-service, query-service.'],
  ['', 'There are: payment-simulator, command-service, query-service.'],
])('of %j it says what was probably meant, or else all there are', (given, says) => {
  expect(meantName(given, services)).toBe(says);
});

test('what resembles nothing is not taken for anything, however short', () => {
  expect(meantName('nope', ['stock', 'order'])).toBe('There are: stock, order.');
  expect(meantName('xy', ['ab', 'order'])).toBe('There are: ab, order.');
  expect(meantName('order', ['OrderPlaced', 'OrderConfirmed', 'orders'])).toBe('Did you mean "orders"?');
});

test('there may be many, or none', () => {
  expect(
    meantName(
      'nope',
      Array.from({ length: 23 }, (_, n) => `Event${n}`),
    ),
  ).toMatch(/^There are: Event0, .*Event19, and 3 more\.$/);
  expect(meantName('nope', [])).toBe('There are: none.');
});
