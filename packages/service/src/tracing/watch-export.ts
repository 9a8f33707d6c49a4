import type { Logger } from '../logging/create-logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ExportWatch } from './told-exporter.ts';

/** Says in the log when spans begin to be lost, and when they arrive again; and counts them. */
export function watchExport({
  logger,
  metrics,
}: {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Metrics;
}): ExportWatch {
  return {
    onFailing: (err) =>
      logger.warn({ err }, 'spans cannot be sent to the collector and are lost, until it takes them again; nothing else suffers'),
    onRecovered: () => logger.info('spans are sent to the collector again'),
    onSpans: (outcome, spans) => metrics.counter('traceSpans').inc({ outcome }, spans),
  };
}
