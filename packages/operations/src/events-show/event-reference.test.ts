import { expect, test } from 'vitest';
import { parseEventReference } from './event-reference.ts';

test.each([
  ['42', { kind: 'position', position: 42 }],
  ['0193A1B2-0000-7000-8000-000000000001', { kind: 'id', id: '0193a1b2-0000-7000-8000-000000000001' }],
  ['order-0193a1b2-0000-7000-8000-000000000001', { kind: 'stream', stream: 'order-0193a1b2-0000-7000-8000-000000000001' }],
  ['import:2026', { kind: 'correlation', id: 'import:2026' }],
  ['99999999999999999999', { kind: 'correlation', id: '99999999999999999999' }],
])('%s names %o', (text, reference) => {
  expect(parseEventReference(text)).toEqual(reference);
});
