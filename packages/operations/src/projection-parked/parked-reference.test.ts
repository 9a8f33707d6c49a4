import type { ParkedKey } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { findParked } from './parked-reference.ts';

const key = (table: string, keyText: string, build = 1): ParkedKey => ({
  projection: 'p',
  version: 1,
  build,
  partition: 0,
  table,
  keyText,
  position: 1,
  eventType: 'Happened',
  fault: { code: 'TypeError', message: 'no' },
  events: 1,
  attempts: 1,
  parkedAt: '',
  triedAt: '',
});
const product = key('product', '7');
const kept = key('product', '7', 2);
const price = key('price', '7');
const odd = key('price', 'product/7');

describe('a reference to a parked key', () => {
  it('names table and key, as they are listed, in every build', () => {
    expect(findParked([product, price, kept], 'product/7')).toEqual([product, kept]);
  });

  it('may be the key alone if one table has it', () => {
    expect(findParked([product, kept], '7')).toEqual([product, kept]);
  });

  it('must name the table if several have the key', () => {
    expect(() => findParked([product, price], '7')).toThrow(
      expect.objectContaining({ code: 'BadRequest', message: expect.stringContaining('product/7 or price/7') }),
    );
  });

  it('means what is listed so, whatever characters a key has', () => {
    expect(findParked([product, odd], 'product/7')).toEqual([product]);
    expect(findParked([odd], 'product/7')).toEqual([odd]);
  });

  it('to what is not parked is refused', () => {
    expect(() => findParked([product], '8')).toThrow(expect.objectContaining({ code: 'NotFound' }));
  });
});
