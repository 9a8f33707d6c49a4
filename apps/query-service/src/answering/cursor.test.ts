import { KirokuError } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from './cursor.ts';

const key = z.tuple([z.string(), z.int()]);

describe('a cursor', () => {
  it('leads back to the sort key it was made from, whatever characters are in it', () => {
    expect(decodeCursor('customers', key, encodeCursor('customers', ['Café "ü" \u{1F600}', 7]))).toEqual(['Café "ü" \u{1F600}', 7]);
  });

  it('can be part of a URL', () => {
    expect(encodeCursor('customers', ['??>>~~', 1])).toMatch(/^[\w-]+$/);
  });

  it.each(['', 'x', 'W10', encodeCursor('customers', [7, 'turned round']), encodeCursor('products', ['of another list', 7])])(
    'is refused with what is wrong when it is not one of the list: %s',
    (text) => {
      try {
        decodeCursor('customers', key, text);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(KirokuError);
        expect(error).toMatchObject({ code: 'BadRequest', details: { issues: [{ path: 'after' }] } });
      }
    },
  );
});
