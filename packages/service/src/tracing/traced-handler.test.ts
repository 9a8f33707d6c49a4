import { KirokuError, reject } from '@kiroku/core';
import { InMemoryEventStore } from '@kiroku/testing';
import { describe, expect, it } from 'vitest';
import { recordedTracing, traceparent } from './recorded-tracing.test-service.ts';
import { tracedEventStore } from './traced-event-store.ts';
import { tracedHandler } from './traced-handler.ts';

const command = {
  type: 'RegisterCustomer',
  id: 'c-1',
  at: '2026-11-24T10:00:00Z',
  data: { name: 'Ada Byron' },
  metadata: { correlationId: 'flow-1', traceparent },
};
const accepted = { outcome: 'accepted', stream: 'customer-1', position: 1, duplicate: false } as const;

describe('a traced command', () => {
  it('is the span that its events carry, above its appends; a late append is one that failed', async () => {
    const { tracing, spans } = recordedTracing();
    const log = tracedEventStore(new InMemoryEventStore(), tracing);
    const handle = tracedHandler(async ({ metadata }) => {
      const events = [{ type: 'CustomerRegistered', data: { name: 'Ada Byron' }, metadata }];
      const append = (expectedVersion: number) => log.append({ streams: [{ stream: 'customer-1', expectedVersion, events }] });
      await append(3).catch(() => append(0));
      return accepted;
    }, tracing);
    await handle(command);
    const [late, appended, handled] = spans();
    expect(handled).toMatchObject({
      name: 'command RegisterCustomer',
      attributes: { 'kiroku.command.outcome': 'accepted', 'kiroku.stream': 'customer-1' },
    });
    expect(late).toMatchObject({ name: 'event_store append', attributes: { 'error.type': 'Conflict' } });
    expect(appended).toMatchObject({
      attributes: { 'kiroku.events': 1, 'kiroku.position': 1, 'db.system.name': 'postgresql' },
      status: { code: 0 },
    });
    for (const span of [late, appended]) expect(span?.parentSpanContext?.spanId).toBe(handled?.spanContext().spanId);
    const [event] = await log.readStream('customer-1');
    expect(event?.metadata.traceparent).toContain(handled?.spanContext().spanId);
    expect(JSON.stringify(spans().map(({ name, attributes, events }) => [name, attributes, events]))).not.toContain('Ada');
  });

  it('that a rule refused has not failed; one that could not be carried out has', async () => {
    const { tracing, spans } = recordedTracing();
    await tracedHandler(
      async () => ({ outcome: 'rejected' as const, rejection: reject('EmailTaken', 'ada@example.com is taken') }),
      tracing,
    )(command);
    const fault = new KirokuError('DatabaseUnavailable', 'no database for ada@example.com');
    await expect(tracedHandler(() => Promise.reject(fault), tracing)(command)).rejects.toBe(fault);
    expect(spans().map(({ status, attributes }) => [status.code, attributes['kiroku.rejection.code'], attributes['error.type']])).toEqual([
      [0, 'EmailTaken', undefined],
      [2, undefined, 'DatabaseUnavailable'],
    ]);
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain('ada@');
  });

  it('reads below itself; what is read for nobody makes no trace', async () => {
    const { tracing, spans } = recordedTracing();
    const log = tracedEventStore(new InMemoryEventStore(), tracing);
    await log.readStream('customer-1');
    expect(spans()).toEqual([]);
    await tracedHandler(async () => {
      await log.readStream('customer-1');
      return accepted;
    }, tracing)(command);
    expect(spans().map(({ name }) => name)).toEqual(['event_store read_stream', 'command RegisterCustomer']);
  });
});
