import { isKirokuError, KirokuError } from '@kiroku/core';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { readConfig } from '../config/read-config.ts';
import type { Settings } from '../config/setting.ts';
import { instanceName, type serviceSettings } from '../config/shared-settings.ts';
import { Health } from '../health/health.ts';
import { createLogger, type Logger } from '../logging/create-logger.ts';
import { StopStack } from './stop-stack.ts';
import { untilAvailable } from './until-available.ts';

/** What a service is made with. */
export interface ServiceContext<S extends Settings> {
  readonly config: z.output<S>;
  readonly logger: Logger;
  readonly health: Health;
  readonly instance: string;
  /** Registers what to close when the service stops; the last one registered is closed first. */
  readonly onStop: (name: string, close: () => Promise<unknown> | unknown) => void;
}

export interface Service {
  readonly app: FastifyInstance;
  readonly port: number;
  /** The variable the port comes from, for the message when it is taken. */
  readonly portVariable: string;
  /** Waits for what it depends on and starts the background work; repeated while a dependency is unavailable. */
  start?(signal: AbortSignal): Promise<void>;
}

type ServiceSettings = Settings & z.ZodObject<(typeof serviceSettings)['shape']>;

/**
 * Runs a service process: reads the environment, listens, starts, and stops in order on SIGTERM, SIGINT or when the parent goes.
 * It listens before its databases are there, so that /health can say what it waits for.
 */
export async function runService<S extends ServiceSettings>(
  name: string,
  settings: S,
  create: (context: ServiceContext<S>) => Promise<Service>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const config = readOrExit(settings, env);
  const shared = config as z.output<typeof serviceSettings>; // S contains these settings
  const instance = instanceName(shared.INSTANCE_ID);
  const logger = createLogger({ service: name, instance, level: shared.LOG_LEVEL, format: shared.LOG_FORMAT });
  const health = new Health({ service: name, instance });
  const stack = new StopStack(logger);
  const stopped = new AbortController();
  const close = closeWhenAsked({ logger, health, stack, stopped, timeoutMs: shared.SHUTDOWN_TIMEOUT_MS });
  try {
    const service = await create({ config, logger, health, instance, onStop: (what, fn) => stack.push(what, fn) });
    stack.push('HTTP server', () => service.app.close());
    await listen(service, shared.HOST);
    await untilAvailable(async () => service.start?.(stopped.signal), { logger, health, signal: stopped.signal });
    if (stopped.signal.aborted) return;
    health.ready();
    logger.info({ port: service.port }, 'ready');
  } catch (error) {
    if (stopped.signal.aborted) return;
    logFatal(logger, error);
    close(1);
  }
}

function readOrExit<S extends Settings>(settings: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  try {
    return readConfig(settings, env);
  } catch (error) {
    if (!isKirokuError(error, 'ConfigurationInvalid')) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function closeWhenAsked(options: {
  readonly logger: Logger;
  readonly health: Health;
  readonly stack: StopStack;
  readonly stopped: AbortController;
  readonly timeoutMs: number;
}): (exitCode: number) => void {
  const { logger, health, stack, stopped, timeoutMs } = options;
  let asked = false;
  const grace = closeWithGrace(
    { delay: timeoutMs, logger: { error: (message: unknown) => logger.error({ err: message }, 'stopping failed') } },
    async ({ signal, err }) => {
      asked = true;
      health.stopping();
      if (err) logFatal(logger, err);
      else logger.info({ signal }, 'stopping');
      stopped.abort();
      await stack.close();
      if (process.exitCode !== undefined && process.exitCode !== 0) process.exit(process.exitCode);
      logger.info('stopped');
    },
  );
  const close = (exitCode: number) => {
    if (asked) return;
    process.exitCode = exitCode;
    grace.close();
  };
  process.once('disconnect', () => close(0)); // the supervisor is gone
  return close;
}

async function listen(service: Service, host: string): Promise<void> {
  try {
    await service.app.listen({ port: service.port, host });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new KirokuError(
      'ConfigurationInvalid',
      `Port ${service.port} is taken by another process, so this one cannot listen. Stop the other, or set ${service.portVariable} to a free port.`,
      { cause: error },
    );
  }
}

// A fault of ours explains itself; only the unexpected needs a stack.
function logFatal(logger: Logger, error: unknown): void {
  if (isKirokuError(error)) logger.fatal({ code: error.code }, error.message);
  else logger.fatal({ err: error }, 'unexpected error');
}
