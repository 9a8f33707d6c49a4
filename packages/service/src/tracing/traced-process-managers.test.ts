import type { OutgoingCommand, ProcessManagerStore } from '@kiroku/core';
import { InMemoryProcessManagerStore } from '@kiroku/testing';
import { expect, it } from 'vitest';
import { callerSpanId, recordedTracing, traceId, traceparent } from './recorded-tracing.test-service.ts';
import { tracedProcessManagers } from './traced-process-managers.ts';

const processManager = 'fulfilment';

function sent(id: number, causationId: string, instance = 'order-1'): OutgoingCommand {
  const metadata = { causationId, traceparent, tracestate: 'rojo=1' };
  return { id: `0199f0a0-0000-7000-8000-00000000000${id}`, processManager, instance, type: 'Ship', data: {}, metadata };
}

async function prepared() {
  const { tracing, spans } = recordedTracing();
  const store = tracedProcessManagers(new InMemoryProcessManagerStore(), tracing);
  await store.prepare(processManager, { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 });
  const [lease] = await store.attend({ instance: 'one', processManagers: [processManager], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const react = (commands: readonly OutgoingCommand[], after = 0): ReturnType<ProcessManagerStore['advance']> =>
    store.advance({
      processManager,
      partitions: [{ lease, after }],
      position: after + 5,
      instances: ['order-1'],
      react: () => ({ instances: [], commands }),
    });
  return { store, spans, react };
}

it('a reaction is a span below its event, and above the commands that it sends', async () => {
  const { store, spans, react } = await prepared();
  await react([sent(1, 'event-1'), sent(2, 'event-1'), sent(3, 'event-2')]);
  const [first, second] = spans();
  expect(spans()).toHaveLength(2);
  expect(first).toMatchObject({ name: 'react fulfilment', kind: 4, attributes: { 'messaging.message.id': 'event-1' } });
  expect(first?.parentSpanContext).toMatchObject({ traceId, spanId: callerSpanId });
  const claimed = await store.claim({ limit: 10, leaseMs: 60_000 });
  const under = (id: string | undefined) => ({ traceparent: `00-${traceId}-${id}-01`, tracestate: 'rojo=1' });
  expect(claimed.map(({ metadata }) => metadata)).toMatchObject([
    under(first?.spanContext().spanId),
    under(first?.spanContext().spanId),
    under(second?.spanContext().spanId),
  ]);
});

it('a reaction that was not written, or sends nothing, is not told of', async () => {
  const { spans, react } = await prepared();
  await expect(react([sent(1, 'event-1')], 3)).rejects.toMatchObject({ code: 'CheckpointConflict' });
  await react([]);
  expect(spans()).toEqual([]);
});
