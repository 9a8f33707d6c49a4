import { KirokuError } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { logContext, withLogContext } from '../logging/log-context.ts';
import { callerSpanId, recordedTracing, traceId, traceparent } from './recorded-tracing.test-service.ts';

describe('tracing', () => {
  it('puts what is done in a span below it, whatever is awaited meanwhile', async () => {
    const { tracing, spans } = recordedTracing();
    await tracing.during({ name: 'outer' }, async () => {
      await Promise.resolve();
      await tracing.during({ name: 'inner' }, async () => undefined);
    });
    const [inner, outer] = spans();
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.parentSpanContext).toBeUndefined();
  });

  it('goes on with the trace of whoever asked', async () => {
    const { tracing, spans } = recordedTracing();
    await withLogContext({ traceparent, tracestate: 'rojo=1' }, () =>
      tracing.during({ name: 'work' }, async (span) => {
        expect(logContext()).toEqual(span.context);
        expect(span.context).toEqual({ traceparent: expect.stringContaining(`00-${traceId}-`), tracestate: 'rojo=1' });
      }),
    );
    expect(spans()[0]?.spanContext().traceId).toBe(traceId);
    expect(spans()[0]?.parentSpanContext?.spanId).toBe(callerSpanId);
  });

  it('records nothing of a trace that its beginner does not record, and passes that on', async () => {
    const { tracing, spans } = recordedTracing();
    const parent = { traceparent: traceparent.replace(/01$/, '00') };
    await tracing.during({ name: 'work', parent }, async ({ context }) => {
      expect(context.traceparent).toMatch(new RegExp(`^00-${traceId}-(?!${callerSpanId})[0-9a-f]{16}-00$`));
    });
    expect(spans()).toEqual([]);
  });

  it('begins a new trace below a parent that has none', async () => {
    const { tracing, spans } = recordedTracing();
    await withLogContext({ traceparent }, () =>
      tracing.during({ name: 'work', parent: { traceparent: 'nonsense' } }, async () => undefined),
    );
    expect(spans()[0]?.spanContext().traceId).not.toBe(traceId);
  });

  it.each([
    [new KirokuError('Overloaded', 'ada@example.com waits'), 'Overloaded'],
    [Object.assign(new Error('connect to ada@example.com'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new TypeError('ada@example.com is not a function'), 'TypeError'],
    ['ada@example.com', 'unknown'],
  ])('tells the kind of a failure and not its text: %s', async (error, type) => {
    const { tracing, spans } = recordedTracing();
    await expect(tracing.during({ name: 'work' }, () => Promise.reject(error))).rejects.toBe(error);
    const [span] = spans();
    expect(span?.attributes).toEqual({ 'error.type': type });
    expect(span?.status).toEqual({ code: 2 });
    expect(span?.events).toEqual([]);
  });
});
