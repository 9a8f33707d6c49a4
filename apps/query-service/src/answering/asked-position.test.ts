import { describe, expect, it } from 'vitest';
import { askedPosition } from './asked-position.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 3 };
const history = {
  log,
  forks: [
    { timeline: 2, parent: 1, afterPosition: 5 },
    { timeline: 3, parent: 2, afterPosition: 9 },
  ],
};

describe('a position that is asked for', () => {
  it.each([
    ['5', 5],
    [5, 5],
    ['2:9', 9],
    ['3:12', 12],
  ])('holds if it is of the present history: %j', (given, position) => {
    expect(askedPosition(given, history, 'atLeast')).toBe(position);
  });

  it.each(['6', 6, '2:10', '4:1'])('is refused if a restore has undone it: %j', (given) => {
    expect(() => askedPosition(given, history, 'atLeast')).toThrow(expect.objectContaining({ code: 'AnotherHistory' }));
  });

  it.each(['x', '', -1, 1.5])('is refused if it is none: %j', (given) => {
    expect(() => askedPosition(given, history, 'atLeast')).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });
});
