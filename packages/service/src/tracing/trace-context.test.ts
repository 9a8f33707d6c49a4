import { describe, expect, it } from 'vitest';
import { traceContextOf } from './trace-context.ts';

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
const traceparent = `00-${traceId}-${spanId}-01`;

describe('a trace context', () => {
  it('is read from headers and metadata', () => {
    expect(traceContextOf({ traceparent, tracestate: 'rojo=00f067aa0ba902b7,congo@x=t61', other: 1 })).toEqual({
      traceparent,
      tracestate: 'rojo=00f067aa0ba902b7,congo@x=t61',
    });
  });

  it.each([
    undefined,
    7,
    '',
    'nonsense',
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `${traceparent}\r\nx-injected: 1`,
    [traceparent, traceparent],
  ])('is absent if it is malformed: %j', (malformed) => {
    expect(traceContextOf({ traceparent: malformed, tracestate: 'rojo=1' })).toEqual({});
  });

  it('of a later version is understood as far as this one goes', () => {
    expect(traceContextOf({ traceparent: `cc-${traceId}-${spanId}-01-what-the-future-adds` })).toEqual({ traceparent });
  });

  it.each(['', ' ', 'novalue', 'UPPER=1', 'a=b=c', 'a=ä', `a=${'x'.repeat(600)}`, Array(40).fill('a=1').join(','), 7])(
    'has no state that is malformed: %j',
    (tracestate) => {
      expect(traceContextOf({ traceparent, tracestate })).toEqual({ traceparent });
    },
  );
});
