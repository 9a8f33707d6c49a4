import { BoundedLabel, countLookups, type Metrics } from '@kiroku/service';

/** What parts of the engine and of the event store tell, counted. */
export function observers(metrics: Metrics) {
  const batchSizes = metrics.histogram('appendBatchSize');
  const waits = metrics.histogram('appendWait');
  const deliveries = metrics.counter('deliveries');
  const auditLost = metrics.counter('commandAuditLost');
  const consumers = new BoundedLabel(200);
  return {
    auditLost: (count: number) => auditLost.inc(count),
    batch: ({ appends, waitedMs }: { readonly appends: number; readonly waitedMs: number }) => {
      batchSizes.observe(appends);
      waits.observe(waitedMs / 1_000);
    },
    streamLookup: countLookups(metrics, 'streams'),
    attempt: (consumer: string, outcome: string) => deliveries.inc({ consumer: consumers.of(consumer), outcome }),
  };
}
