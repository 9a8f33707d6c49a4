import { describe, expect, test } from 'vitest';
import { categoryOf, idOf, parseStreamName, streamName } from './stream.ts';

describe('a stream name', () => {
  test('is a category and an id', () => {
    const stream = streamName('order', '0193-abc');
    expect([stream, categoryOf(stream), idOf(stream)]).toEqual(['order-0193-abc', 'order', '0193-abc']);
  });

  test.each(['', 'order', '-1', 'order-', '1order-1', 'or der-1', 'order-a b', 'order-\u0000', `order-${'x'.repeat(191)}`])(
    '%j is refused',
    (text) => {
      expect(() => parseStreamName(text)).toThrowError(expect.objectContaining({ code: 'EventInvalid' }));
    },
  );
});
