import type { Logger } from './create-logger.ts';

/** What follows the log. */
const kinds = { projection: 'projection', processManager: 'process manager' } as const;

interface LoggableStatus {
  readonly name: string;
  readonly state: string;
}

/**
 * Logs the statuses of what follows the log: as a warning while it is stalled. Its name stands under what it is the name of, since `name` may be
 * a personal field of an event.
 */
export function statusLogging(logger: Logger, of: keyof typeof kinds): (status: LoggableStatus) => void {
  return ({ name, ...status }) => logger[status.state === 'stalled' ? 'warn' : 'info']({ [of]: name, ...status }, kinds[of]);
}
