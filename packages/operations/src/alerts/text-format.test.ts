import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMetrics } from './text-format.ts';

test('samples are read with their labels and values, whatever is written in these', () => {
  const text = [
    '# HELP a what it is {of} "course"',
    '# TYPE a counter',
    'a 1',
    'a{} 2',
    'b{x="1",y="} 3 {\\"\\\\\\n",} +Inf 1700000000000',
    ' c { x = "é" , y="" }  -1.5e-3 ',
    'd NaN',
    'e Nan',
    'f -inf',
    'g infinity',
    '',
  ].join('\r\n');
  expect(parseMetrics(text)).toEqual([
    { name: 'a', labels: {}, value: 1 },
    { name: 'a', labels: {}, value: 2 },
    { name: 'b', labels: { x: '1', y: '} 3 {"\\\n' }, value: Number.POSITIVE_INFINITY },
    { name: 'c', labels: { x: 'é', y: '' }, value: -0.0015 },
    { name: 'd', labels: {}, value: Number.NaN },
    { name: 'e', labels: {}, value: Number.NaN },
    { name: 'f', labels: {}, value: Number.NEGATIVE_INFINITY },
    { name: 'g', labels: {}, value: Number.POSITIVE_INFINITY },
  ]);
});

describe('an answer that is no metrics is refused as a whole', () => {
  test.each([
    '<html>',
    'a',
    'a{',
    'a{x="1} 2',
    'a{x=1} 2',
    'a{x="1"',
    'a{x="1" y="2"} 3',
    'a 1 2 3',
    'a 0x10',
    'a one',
    '1a 2',
    '{x="1"} 2',
  ])('%s', (line) => {
    expect(() => parseMetrics(`ok 1\n${line}\n`)).toThrow('line 2 of its metrics');
  });
});

test('any text is read or refused, and no line takes long', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '{', '}', '"', '\\', '=', ',', ' ', '1', '\n'), maxLength: 60 }), (text) => {
      try {
        parseMetrics(text);
      } catch (error) {
        expect(error).toMatchObject({ message: expect.stringContaining('not in the text format') });
      }
    }),
  );
  expect(() => parseMetrics(`a{${' '.repeat(200_000)}x="${'\\\\'.repeat(200_000)}`)).toThrow('line 1');
});
