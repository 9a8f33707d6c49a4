import { KirokuError, type ProjectionBatch, type RecordedEvent } from '@kiroku/core';
import { InMemoryReadModelStore, ledger } from '@kiroku/testing';
import { describe, expect, it } from 'vitest';
import { callerSpanId, recordedTracing, traceId, traceparent } from './recorded-tracing.test-service.ts';
import { tracedReadModels } from './traced-read-models.ts';

const log = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };

function deposited(position: number, account: string, metadata: RecordedEvent['metadata'] = { traceparent }): RecordedEvent {
  const id = `e-${position}`;
  const recordedAt = '2026-11-24T10:00:00Z';
  return {
    position,
    stream: `account-${account}`,
    version: 1,
    id,
    type: 'Deposited',
    schemaVersion: 1,
    data: { account, amount: 1 },
    metadata,
    tags: [],
    recordedAt,
  };
}

/** Applies events of which those of one account are the partition's. */
async function applied(
  events: readonly RecordedEvent[],
  {
    account = 'ann',
    fold = () => ({ changes: [], parks: [] }),
  }: { readonly account?: string; readonly fold?: ProjectionBatch['fold'] } = {},
) {
  const { tracing, spans } = recordedTracing();
  const store = tracedReadModels(new InMemoryReadModelStore(), tracing);
  await store.prepare(ledger, log);
  const [lease] = await store.attend({ instance: 'one', projections: [ledger], leaseMs: 60_000 });
  if (lease === undefined) throw new Error('a lone process gets every partition');
  const position = events.at(-1)?.position ?? 1;
  const applying = store.apply({ lease, after: 0, position, log, events, touched: { account: [{ id: account }] }, fold });
  await applying.catch(() => undefined);
  return spans();
}

describe('a traced projection', () => {
  it('has a span in the trace of each event that changes rows of the partition', async () => {
    const spans = await applied([deposited(1, 'ann'), deposited(2, 'bob'), deposited(3, 'ann', {})]);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: 'project contract-ledger',
      kind: 4,
      attributes: {
        'messaging.message.id': 'e-1',
        'kiroku.event.type': 'Deposited',
        'kiroku.position': 1,
        'messaging.batch.message_count': 3,
      },
      status: { code: 0 },
    });
    expect(spans[0]?.parentSpanContext).toMatchObject({ traceId, spanId: callerSpanId });
  });

  it('that catches up has one for a batch, with links to traces that are in it', async () => {
    const spans = await applied(Array.from({ length: 1_000 }, (_, index) => deposited(index + 1, 'ann')));
    expect(spans).toHaveLength(1);
    expect(spans[0]?.parentSpanContext).toBeUndefined();
    expect(spans[0]?.links).toHaveLength(16);
    expect(spans[0]?.links[0]?.context).toMatchObject({ traceId, spanId: callerSpanId });
    expect(spans[0]?.attributes).toMatchObject({ 'messaging.batch.message_count': 1_000, 'kiroku.position': 1_000 });
  });

  it('that fails says so in the trace of its events', async () => {
    const fold = () => {
      throw new KirokuError('RowInvalid', 'ada@example.com is too long');
    };
    const [span] = await applied([deposited(1, 'ann')], { fold });
    expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'RowInvalid' } });
  });
});
