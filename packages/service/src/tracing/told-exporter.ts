import type { SpanExporter } from '@opentelemetry/sdk-trace';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

export interface ExportWatch {
  /** Told when spans are lost, once until some arrive again. */
  readonly onFailing: (error: Error | undefined) => void;
  readonly onRecovered: () => void;
  readonly onSpans: (outcome: 'recorded' | 'sent' | 'lost', spans: number) => void;
}

/** The same exporter, with somebody told of what becomes of spans: the SDK itself says nothing. */
export function toldExporter(exporter: SpanExporter, { onFailing, onRecovered, onSpans }: ExportWatch): SpanExporter {
  let failing = false;
  const tell = ({ code, error }: Result, spans: number): void => {
    const isFailure = code !== 0; // ExportResultCode.SUCCESS
    onSpans(isFailure ? 'lost' : 'sent', spans);
    if (isFailure === failing) return;
    failing = isFailure;
    if (isFailure) onFailing(error);
    else onRecovered();
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        tell(result, spans.length);
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
