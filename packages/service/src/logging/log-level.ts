import { KirokuError } from '@kiroku/core';
import type { Logger } from './create-logger.ts';

/** The least important first. `silent` logs nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevelName = (typeof logLevels)[number];

export interface LogLevelState {
  readonly level: LogLevelName;
  /** What it falls back to. */
  readonly configured: LogLevelName;
  /** ISO 8601; absent while it is the configured one. */
  readonly until?: string;
}

export interface LogLevelChange {
  readonly level: LogLevelName;
  /** Milliseconds after which it falls back, from 1 second to 24 hours. */
  readonly forMs: number;
  /** Who asks for it. */
  readonly by?: string;
}

const longestMs = 86_400_000;

/** The level of a logger, changed for a time while the process runs. Another start has the configured one. */
export class LogLevel {
  readonly #logger: Logger;
  readonly #configured: LogLevelName;
  #until: string | undefined;
  #fallBack: NodeJS.Timeout | undefined;

  constructor(logger: Logger, configured: LogLevelName) {
    this.#logger = logger;
    this.#configured = configured;
  }

  get state(): LogLevelState {
    const level = this.#logger.level as LogLevelName; // set by this class and by the configuration alone
    return { level, configured: this.#configured, ...(this.#until !== undefined && { until: this.#until }) };
  }

  /** Throws `BadRequest` for a time that is none. */
  change({ level, forMs, by }: LogLevelChange): LogLevelState {
    if (!Number.isSafeInteger(forMs) || forMs < 1_000 || forMs > longestMs)
      throw new KirokuError('BadRequest', 'The level of a log changes for 1 second to 24 hours. Give a time in between.');
    clearTimeout(this.#fallBack);
    this.#until = new Date(Date.now() + forMs).toISOString();
    this.#fallBack = setTimeout(() => this.reset(), forMs).unref();
    return this.#become(level, by);
  }

  /** Back to the configured level, at once. */
  reset(by?: string): LogLevelState {
    clearTimeout(this.#fallBack);
    this.#until = undefined;
    return this.#become(this.#configured, by);
  }

  #become(level: LogLevelName, by: string | undefined): LogLevelState {
    const from = this.#logger.level;
    const change = { from, to: level, ...(this.#until !== undefined && { until: this.#until }), ...(by !== undefined && { by }) };
    // told at whichever of the two levels shows it
    this.#logger.warn(change, 'log level changes');
    const shown = this.#logger.isLevelEnabled('warn');
    this.#logger.level = level;
    if (!shown) this.#logger.warn(change, 'log level changes');
    return this.state;
  }
}
