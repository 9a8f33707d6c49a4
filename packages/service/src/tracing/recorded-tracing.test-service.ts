import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Tracing } from './tracing.ts';

/** Tracing whose spans stay here. */
export function recordedTracing(): { readonly tracing: Tracing; readonly spans: () => readonly ReadableSpan[] } {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  return { tracing: new Tracing(provider.getTracer('test')), spans: () => exporter.getFinishedSpans() };
}

export const traceId = 'a'.repeat(32);
export const callerSpanId = 'b'.repeat(16);
export const traceparent = `00-${traceId}-${callerSpanId}-01`;
