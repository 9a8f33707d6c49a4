import { BoundedLabel, type Metrics } from '@kiroku/service';

/** What parts of the engine and of the event store tell, counted. */
export function observers(metrics: Metrics) {
  const batchSizes = metrics.histogram('appendBatchSize');
  const waits = metrics.histogram('appendWait');
  const lookups = metrics.counter('cacheLookups');
  const deliveries = metrics.counter('deliveries');
  const auditLost = metrics.counter('commandAuditLost');
  const consumers = new BoundedLabel(200);
  for (const result of ['hit', 'miss']) lookups.inc({ cache: 'streams', result }, 0); // known from the start: a rate needs two values
  return {
    auditLost: (count: number) => auditLost.inc(count),
    batch: ({ appends, waitedMs }: { readonly appends: number; readonly waitedMs: number }) => {
      batchSizes.observe(appends);
      waits.observe(waitedMs / 1_000);
    },
    streamLookup: (found: boolean) => lookups.inc({ cache: 'streams', result: found ? 'hit' : 'miss' }),
    attempt: (consumer: string, outcome: string) => deliveries.inc({ consumer: consumers.of(consumer), outcome }),
  };
}
