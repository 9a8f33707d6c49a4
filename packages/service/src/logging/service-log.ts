import type { z } from 'zod';
import type { logSettings } from '../config/log-settings.ts';
import { createLogger, type Logger, logFileStream } from './create-logger.ts';
import { GatheredLines } from './gathered-lines.ts';
import { followContexts, followsCheaply } from './log-context.ts';
import { LogLevel } from './log-level.ts';

export interface ServiceLogOptions {
  readonly service: string;
  readonly instance: string;
  readonly config: z.output<typeof logSettings>;
  readonly personal: ReadonlySet<string>;
  readonly secrets: readonly string[];
}

/** The log of a service process as it is configured, and what may be done with it while it runs. */
export interface ServiceLog {
  readonly logger: Logger;
  readonly level: LogLevel;
  /** Throws while lines cannot be written. */
  readonly requireWritable: () => void;
}

export function openServiceLog({ service, instance, config, personal, secrets }: ServiceLogOptions): ServiceLog {
  const { LOG_LEVEL: level, LOG_FORMAT: format, LOG_FILE: path, LOG_FILE_MAX_MB: megabytes, LOG_FILES: maxFiles } = config;
  if (config.LOG_CONTEXT === 'on' || (config.LOG_CONTEXT === 'auto' && followsCheaply())) followContexts();
  const named = { service, instance };
  const file = path === undefined ? undefined : logFileStream({ path, maxBytes: megabytes * 1_048_576, maxFiles }, named);
  const logger = createLogger({ ...named, level, format, personal, secrets, ...(file && { destination: new GatheredLines(file) }) });
  // Node's own warnings go to standard error otherwise, past the log
  process.on('warning', (warning) => logger.warn({ err: warning }, 'warning of Node'));
  return {
    logger,
    level: new LogLevel(logger, level),
    requireWritable: () => {
      const loss = file?.loss;
      if (loss !== undefined)
        throw new Error(`${loss.lines} lines could not be written to ${path} since ${loss.since} (${loss.reason}); the service goes on`);
    },
  };
}
