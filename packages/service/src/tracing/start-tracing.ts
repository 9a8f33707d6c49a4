import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NoopSpanProcessor, type SpanExporter, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracingConfig } from '../config/tracing-settings.ts';
import { samplerOf } from './sampler.ts';
import { type ExportWatch, toldExporter } from './told-exporter.ts';
import { Tracing } from './tracing.ts';

export interface TracingOptions {
  readonly service: string;
  readonly instance: string;
  readonly config: TracingConfig;
  readonly watch: ExportWatch;
  /** Milliseconds that the last spans may take to be sent. */
  readonly stopWithinMs: number;
}

export interface StartedTracing {
  readonly tracing: Tracing;
  /** Sends what is left. Throws if that takes too long. */
  readonly stop: () => Promise<void>;
}

/** Loads the SDK's parts and begins. `openTracing` decides whether. */
export async function startTracing({ service, instance, config, watch, stopWithinMs }: TracingOptions): Promise<StartedTracing> {
  const exporter = await exporterOf(config);
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        ...config.OTEL_RESOURCE_ATTRIBUTES,
        'service.name': config.OTEL_SERVICE_NAME ?? config.OTEL_RESOURCE_ATTRIBUTES?.['service.name'] ?? service,
        'service.instance.id': instance,
      }),
    ),
    sampler: samplerOf(config),
    spanLimits: { attributeValueLengthLimit: 500, linkCountLimit: 32 },
    spanProcessors: [
      counting(watch),
      new BatchSpanProcessor({
        exporter: toldExporter(exporter, watch),
        scheduledDelayMillis: config.OTEL_BSP_SCHEDULE_DELAY,
        maxQueueSize: config.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: config.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
        exportTimeoutMillis: config.OTEL_BSP_EXPORT_TIMEOUT,
      }),
    ],
  });
  return {
    tracing: new Tracing(provider.getTracer('kiroku')),
    stop: () => within(stopWithinMs, provider.shutdown()),
  };
}

function counting({ onSpans }: ExportWatch): SpanProcessor {
  return Object.assign(new NoopSpanProcessor(), { onEnd: () => onSpans('recorded', 1) });
}

/** Gives up, and throws, after a time: a collector that does not answer holds up nobody's stop. */
async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const signal = AbortSignal.timeout(milliseconds);
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error(`The last spans could not be sent within ${milliseconds} ms and are lost.`));
    signal.addEventListener('abort', giveUp, { once: true });
  });
  await Promise.race([work, late]);
}

// headers, compression and certificates are read by the exporter, from OTEL_EXPORTER_OTLP_…
async function exporterOf(config: TracingConfig): Promise<SpanExporter> {
  const options = { url: urlOf(config), timeoutMillis: config.OTEL_EXPORTER_OTLP_TIMEOUT };
  if ((config.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? config.OTEL_EXPORTER_OTLP_PROTOCOL) === 'http/json') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return new OTLPTraceExporter(options);
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter(options);
}

function urlOf({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own,
  OTEL_EXPORTER_OTLP_ENDPOINT: base = 'http://localhost:4318',
}: TracingConfig): string {
  return own ?? `${base}/v1/traces`;
}
