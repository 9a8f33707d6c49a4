import { z } from 'zod';
import { choice, integer, setting, urlText } from './setting.ts';

const collector = (description: string) =>
  setting(urlText(['http:', 'https:']).optional(), { description, allowed: 'a URL that starts with http:// or https://' });

const headers = (description: string) =>
  setting(z.string().optional(), { description, allowed: 'name=value, several separated by commas', secret: true });

const protocol = setting(z.enum(['http/protobuf', 'http/json'], 'is not one of the choices').optional(), {
  description: 'How spans are sent. Default: `http/protobuf`. `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL` wins.',
  allowed: 'http/protobuf, http/json',
});

/** Variables of OpenTelemetry that say whether, where and how much is traced. */
export const tracingSettings = z.object({
  OTEL_SDK_DISABLED: setting(
    z
      .string()
      .transform((text) => text.toLowerCase() === 'true')
      .prefault('false'),
    { description: '`true` turns tracing off, whatever else is set.', allowed: 'true, false' },
  ),
  OTEL_TRACES_EXPORTER: setting(z.enum(['otlp', 'none'], 'is not one of the choices').optional(), {
    description: 'Where spans go. Default: `otlp` if one of the endpoints below is set, and else `none`: nothing is traced.',
    allowed: 'otlp, none',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector(
    'Base URL of the collector; `/v1/traces` is added. Default with `OTEL_TRACES_EXPORTER=otlp`: `http://localhost:4318`.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector('URL that spans are sent to, as it stands. Wins over the base URL.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: headers('Headers sent to the collector, e.g. with its key.'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers('The same, for spans; added to the ones above.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: integer({
    min: 100,
    max: 120_000,
    default: 10_000,
    description: 'How long the collector may take to accept a batch of spans, with all tries, in milliseconds.',
  }),
  OTEL_TRACES_SAMPLER: choice({
    values: ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
    default: 'parentbased_always_on',
    description:
      'Which traces are recorded. With `parentbased_…` whoever began a trace has decided already; the rest is about those that begin here.',
  }),
  OTEL_TRACES_SAMPLER_ARG: setting(
    z
      .string()
      .regex(/^(0?\.\d+|[01](\.0*)?|0\.\d+)$/, 'is not a share')
      .transform(Number)
      .pipe(z.number().min(0).max(1))
      .prefault('1'),
    { description: 'Share of the traces that a sampler with `ratio` records.', allowed: 'a number from 0 to 1' },
  ),
  OTEL_SERVICE_NAME: setting(z.string().max(200).optional(), {
    description: 'Name of the service in traces. Default: its own, e.g. `command-service`; one that is set for all of them makes them one.',
    allowed: '1 to 200 characters',
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting(
    z
      .string()
      .transform((text, context) => attributesOf(text, (message) => context.addIssue({ code: 'custom', message })))
      .optional(),
    {
      description: 'What else is said of the process, e.g. `deployment.environment.name=staging,service.namespace=shop`.',
      allowed: 'name=value, several separated by commas; values percent-encoded',
    },
  ),
  OTEL_BSP_SCHEDULE_DELAY: integer({
    min: 10,
    max: 600_000,
    default: 5_000,
    description: 'How long a span waits for others before it is sent, in milliseconds.',
  }),
  OTEL_BSP_MAX_QUEUE_SIZE: integer({
    min: 1,
    max: 1_000_000,
    default: 2_048,
    description: 'How many spans wait at most; what is more is dropped.',
  }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer({
    min: 1,
    max: 100_000,
    default: 512,
    description: 'How many spans are sent at once, at most.',
  }),
  OTEL_BSP_EXPORT_TIMEOUT: integer({
    min: 100,
    max: 600_000,
    default: 30_000,
    description: 'After how long a batch that is being sent is given up, in milliseconds.',
  }),
});

export type TracingConfig = z.output<typeof tracingSettings>;

function attributesOf(text: string, fault: (message: string) => void): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) fault('has a part that is not name=value');
    else attributes[name] = decoded(value.trim());
  }
  return attributes;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a percent sign that means itself
  }
}
