import { expect, test } from 'vitest';
import { printable } from './printable.ts';

const red = '\x1b[31mred\x1b[39m';

test.each([
  ['no more than letters, accents, emoji and line ends', 'Zoë 👩‍🚀\n\tend', 'Zoë 👩‍🚀\n\tend'],
  ['a title of the window', '\x1b]0;owned\x07', '\\u001b]0;owned\\u0007'],
  ['a cleared screen, beside a colour of our own', `\x1b[2J${red}`, `\\u001b[2J${red}`],
  ['hidden text', '\x1b[8mhidden', '\\u001b[8mhidden'],
  ['a line that is written over', 'failed\rdone', 'failed\\u000ddone'],
  ['an eight-bit control sequence', '\x9b2J\x7f', '\\u009b2J\\u007f'],
  ['text that is turned around', 'a\u202eb', 'a\\u202eb'],
])('%s', (_, text, expected) => {
  expect(printable(text, true)).toBe(expected);
});

test('without colours, those of others are escaped as well', () => {
  expect(printable(red, false)).toBe('\\u001b[31mred\\u001b[39m');
});

test('JSON stays JSON, and means the same', () => {
  const value = { message: '\x1b[2J\x9b\u202e\r' };
  expect(JSON.parse(printable(JSON.stringify(value), false))).toEqual(value);
});
