import type { TracingConfig } from '../config/tracing-settings.ts';
import type { StartedTracing, TracingOptions } from './start-tracing.ts';

/** Tracing as the environment wants it; `undefined` if there is nowhere to send spans to: then nothing of OpenTelemetry is loaded. */
export async function openTracing(options: TracingOptions): Promise<StartedTracing | undefined> {
  if (!isWanted(options.config)) return undefined;
  const { startTracing } = await import('./start-tracing.ts');
  return startTracing(options);
}

function isWanted(config: TracingConfig): boolean {
  if (config.OTEL_SDK_DISABLED) return false;
  const isSomewhere = (config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT) !== undefined;
  return (config.OTEL_TRACES_EXPORTER ?? (isSomewhere ? 'otlp' : 'none')) === 'otlp';
}
