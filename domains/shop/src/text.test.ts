import { describe, expect, test } from 'vitest';
import { id } from './identity.ts';
import { asLine, line, paragraph } from './text.ts';

describe('a line', () => {
  test('is trimmed and its inner spaces are collapsed', () => {
    expect(line(20).parse('  dark \u00a0 roast ')).toBe('dark roast');
  });

  test.each(['', ' ', 'a\nb', 'a\tb', 'a\u0000b', 'a\u2028b', 'a\ud83d', 'x'.repeat(21)])(
    'refuses %j, and says one thing about it',
    (text) => {
      expect(line(20).safeParse(text).error?.issues).toHaveLength(1);
    },
  );

  test('takes letters of every script, and emoji', () => {
    for (const text of ['Größe', '咖啡', 'قهوة', '☕️ 👩‍🍳']) expect(line(20).parse(text)).toBe(text);
  });
});

describe('a text from elsewhere, as a line', () => {
  test.each([
    ['first line\nsecond\ttab', 'first line second tab'],
    [`${'x'.repeat(199)}😀 and more`, 'x'.repeat(199)],
    ['\ud83d half', 'half'],
    [' \u0000 ', '-'],
  ])('%j is %j', (text, expected) => {
    expect(asLine(text, 200)).toBe(expected);
    expect(line(200).parse(asLine(text, 200))).toBe(expected);
  });
});

describe('a paragraph', () => {
  test('keeps its line breaks and may be empty', () => {
    expect(paragraph(20).parse(' a\n\nb ')).toBe('a\n\nb');
    expect(paragraph(20).parse('')).toBe('');
  });

  test.each(['a\rb', 'a\u0000b', 'a\ud83d', 'x'.repeat(21)])('refuses %j', (text) => {
    expect(paragraph(20).safeParse(text).success).toBe(false);
  });
});

test('an id is a UUID of any version, in small letters', () => {
  expect(id.parse('0193A6F0-0000-7000-8000-00000000000A')).toBe('0193a6f0-0000-7000-8000-00000000000a');
  expect(id.parse('6fa459ea-ee8a-4ca4-894e-db77e160355e')).toBe('6fa459ea-ee8a-4ca4-894e-db77e160355e');
  expect(id.safeParse('order-1').success).toBe(false);
});
