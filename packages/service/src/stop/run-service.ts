import { setTimeout as sleep } from 'node:timers/promises';
import { isKirokuError } from '@kiroku/core';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { readConfig } from '../config/read-config.ts';
import type { Settings } from '../config/setting.ts';
import { instanceName, type serviceSettings } from '../config/shared-settings.ts';
import { Health } from '../health/health.ts';
import { logHealth } from '../health/log-health.ts';
import type { Logger } from '../logging/create-logger.ts';
import { logLevelRoutes } from '../logging/log-level-routes.ts';
import { secretValues } from '../logging/secret-values.ts';
import { openServiceLog } from '../logging/service-log.ts';
import { tellOfEventLoop } from '../metrics/event-loop-metrics.ts';
import { tellOfHealth } from '../metrics/health-metrics.ts';
import { tellOfHost } from '../metrics/host-metrics.ts';
import { Metrics } from '../metrics/metrics.ts';
import { metricsRoutes } from '../metrics/metrics-routes.ts';
import { openTracing } from '../tracing/open-tracing.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { watchExport } from '../tracing/watch-export.ts';
import { listen } from './listen.ts';
import { StopStack } from './stop-stack.ts';
import { untilAvailable } from './until-available.ts';

/** What a service is made with. */
export interface ServiceContext<S extends Settings> {
  readonly config: z.output<S>;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
  /** `undefined`: nothing is traced. */
  readonly tracing: Tracing | undefined;
  readonly instance: string;
  /** Ends the process, with exit code 1: for a fault after which it may not go on. Whoever supervises it starts it anew. */
  readonly fail: (error: unknown) => void;
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

export interface ServiceOptions<S extends Settings> {
  readonly name: string;
  readonly settings: S;
  /** Names of fields that are never logged: `personalNames` of the application. Default: none. */
  readonly personal?: ReadonlySet<string>;
}

type ServiceSettings = Settings & z.ZodObject<(typeof serviceSettings)['shape']>;

/**
 * Runs a service process: reads the environment, listens, starts, and stops in order on SIGTERM, SIGINT or when the parent goes.
 * It listens before its databases are there, so that /health can say what it waits for.
 */
export async function runService<S extends ServiceSettings>(
  { name, settings, personal = new Set() }: ServiceOptions<S>,
  create: (context: ServiceContext<S>) => Promise<Service>,
): Promise<void> {
  const config = readOrExit(settings, process.env);
  const shared = config as z.output<typeof serviceSettings>; // S contains these settings
  const instance = instanceName(shared.INSTANCE_ID);
  const log = openServiceLog({ service: name, instance, config: shared, personal, secrets: secretValues(settings, config) });
  const { logger } = log;
  const health = new Health({
    service: name,
    instance,
    checkTimeoutMs: shared.HEALTH_CHECK_TIMEOUT_MS,
    cacheMs: shared.HEALTH_CACHE_MS,
    onChange: (report) => logHealth(logger, report),
  });
  const metrics = new Metrics({ service: name });
  tellOfEventLoop(metrics);
  tellOfHost(metrics, { dataDirectory: dataDirectoryOf(config), logFile: shared.LOG_FILE });
  tellOfHealth(metrics, health);
  if (shared.LOG_FILE !== undefined) health.register('log', log.requireWritable, { required: false });
  const stack = new StopStack(logger);
  const stopped = new AbortController();
  const close = closeWhenAsked({ logger, health, stack, stopped, timeoutMs: shared.SHUTDOWN_TIMEOUT_MS, drainMs: shared.DRAIN_MS });
  const fail = (error: unknown): void => {
    logFatal(logger, error);
    close(1);
  };
  try {
    const traces = await openTracing({
      service: name,
      instance,
      config: shared,
      watch: watchExport({ logger, metrics }),
      stopWithinMs: Math.ceil(shared.SHUTDOWN_TIMEOUT_MS / 4),
    });
    if (traces !== undefined) stack.push('traces', traces.stop); // last: what ends the other parts is traced too
    const onStop: ServiceContext<S>['onStop'] = (what, fn) => stack.push(what, fn);
    const service = await create({ config, logger, health, metrics, tracing: traces?.tracing, instance, fail, onStop });
    stack.push('HTTP server', () => service.app.close());
    await service.app.register(logLevelRoutes, { levelOfLog: log.level });
    await service.app.register(metricsRoutes, { metrics });
    await listen(service.app, { host: shared.HOST, port: service.port, portVariable: service.portVariable });
    await untilAvailable(async () => service.start?.(stopped.signal), { logger, health, signal: stopped.signal });
    if (stopped.signal.aborted) return;
    health.ready();
    logger.info({ port: service.port }, 'ready');
  } catch (error) {
    if (stopped.signal.aborted) return;
    fail(error);
  }
}

/** Of services that have one. The disk it is on is watched, whether the databases are there or elsewhere. */
function dataDirectoryOf(config: object): string {
  return 'KIROKU_DATA_DIR' in config && typeof config.KIROKU_DATA_DIR === 'string' ? config.KIROKU_DATA_DIR : '.';
}

function readOrExit<S extends Settings>(settings: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  try {
    return readConfig(settings, env);
  } catch (error) {
    if (!isKirokuError(error, 'ConfigurationInvalid')) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit(1);
  }
}

function closeWhenAsked(options: {
  readonly logger: Logger;
  readonly health: Health;
  readonly stack: StopStack;
  readonly stopped: AbortController;
  readonly timeoutMs: number;
  /** Before that, while requests are answered still. */
  readonly drainMs: number;
}): (exitCode: number) => void {
  const { logger, health, stack, stopped, timeoutMs, drainMs } = options;
  let asked = false;
  const grace = closeWithGrace(
    { delay: drainMs + timeoutMs, logger: { error: (message: unknown) => logger.error({ err: message }, 'stopping failed') } },
    async ({ signal, err }) => {
      asked = true;
      if (err) logFatal(logger, err);
      else logger.info({ signal }, 'stopping');
      if (drainMs > 0 && health.phase === 'ready' && process.exitCode === undefined && !err) {
        health.draining();
        await sleep(drainMs);
      }
      health.stopping();
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

// A fault of ours explains itself; only the unexpected needs a stack.
function logFatal(logger: Logger, error: unknown): void {
  if (isKirokuError(error)) logger.fatal({ code: error.code }, error.message);
  else logger.fatal({ err: error }, 'unexpected error');
}
