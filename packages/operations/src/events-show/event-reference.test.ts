import { expect, test } from 'vitest';
import { parseEventReference } from './event-reference.ts';

test.each([
  ['42', { kind: 'position', position: 42 }],
  ['0193A1B2-0000-7000-8000-000000000001', { kind: 'event', id: '0193a1b2-0000-7000-8000-000000000001' }],
  ['order-0193a1b2-0000-7000-8000-000000000001', { kind: 'stream', stream: 'order-0193a1b2-0000-7000-8000-000000000001' }],
])('%s names %o', (text, reference) => {
  expect(parseEventReference(text)).toEqual(reference);
});

test.each(['0', '-1', 'order', '99999999999999999999', ''])('"%s" names nothing', (text) => {
  expect(() => parseEventReference(text)).toThrow(expect.objectContaining({ code: 'EventInvalid' }));
});
