import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { secretFields, withoutCredentials } from './redact.ts';

export type { Logger } from 'pino';

export interface LoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly level: string;
  readonly format: 'auto' | 'json' | 'pretty';
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream;
}

/** A structured log: one JSON object per line with service and instance, passwords and tokens removed. */
export function createLogger(options: LoggerOptions): Logger {
  const { service, instance, level, format } = options;
  const pretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY === true);
  return pino(
    {
      level,
      base: { service, instance },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...secretFields], censor: '***' },
      hooks: { streamWrite: withoutCredentials },
    },
    options.destination ?? (pretty ? prettyStream() : pino.destination({ fd: 1, sync: true })),
  );
}

// Synchronous, so that the last lines of a stopping process are there.
function prettyStream(): DestinationStream {
  return PinoPretty({
    sync: true,
    colorize: process.stdout.isTTY === true,
    ignore: 'instance,pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  });
}
