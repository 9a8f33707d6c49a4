import { personalNames, type UnrecordedCommand } from '@kiroku/core';
import {
  AuditBuffer,
  auditedHandler,
  CommandDelivery,
  createCommandHandler,
  encryptedEventStore,
  JobRunner,
  onceOfItsHistory,
  ProcessManagerRunner,
  Pruning,
  registerSchemas,
  SnapshotKeeper,
  sharedLog,
  TimerRunner,
  WebhookDelivery,
} from '@kiroku/engine';
import { jobDefinitions, providedCode, WorkWatch } from '@kiroku/operations';
import {
  createPool,
  DatabaseProbe,
  PostgresCommandAudit,
  PostgresConsumerStore,
  PostgresEventStore,
  PostgresFigures,
  PostgresJobStore,
  PostgresProcessManagerStore,
  PostgresSchemaRegistry,
  PostgresSnapshotStore,
  requireMigrated,
} from '@kiroku/postgres';
import {
  databaseUrls,
  FileKeyStore,
  type HealthCheck,
  keyStoreOptions,
  observedEventStore,
  observedHandler,
  observedProcessManagers,
  runnerCheck,
  runService,
  statusLogging,
  tellOfPools,
  tellOfWork,
  tracedEventStore,
  tracedHandler,
  tracedHttp,
  tracedProcessManagers,
} from '@kiroku/service';
import { shop } from '@kiroku/shop';
import { AnsweredCalls } from './boundaries/answered-calls.ts';
import { HttpPayments } from './boundaries/http-payments.ts';
import { HttpShipping } from './boundaries/http-shipping.ts';
import { outsideCalls } from './boundaries/outside-calls.ts';
import { commandServiceSettings } from './config.ts';
import { createCommandApp } from './create-command-app.ts';
import { loggedHandler } from './logged-handler.ts';
import { observers } from './observers.ts';

/** A process that is frozen in the middle of a transaction holds no lease against the others for longer. */
const standStillMs = 5_000;
/** Commands of process managers that are delivered side by side. None of their calls waits for a connection: its time would run out meanwhile. */
const atATime = 512;

const service = { name: 'command-service', settings: commandServiceSettings, personal: personalNames(shop.aggregates) };
await runService(service, async ({ config, logger, health, metrics, tracing, instance, fail, onStop }) => {
  const urls = databaseUrls(config);
  const poolOptions = { applicationName: 'kiroku-command-service', max: config.DATABASE_POOL_SIZE };
  const observe = observers(metrics);
  const eventPool = createPool({ url: urls.event_store, ...poolOptions, plansOnce: true });
  onStop('event store connections', () => eventPool.end());
  const commandPool = createPool({ url: urls.command_db, ...poolOptions, plansOnce: true, standStillMs });
  onStop('command database connections', () => commandPool.end());

  const log = new PostgresEventStore({ pool: eventPool, append: { onBatch: observe.batch }, onSwitched: fail });
  onStop('event store', () => log.stop());
  const keys = new FileKeyStore(keyStoreOptions(config));
  const eventStore = encryptedEventStore(tracedEventStore(observedEventStore(log, metrics), tracing), {
    aggregates: shop.aggregates,
    keys,
  });
  const snapshots = new SnapshotKeeper({
    store: new PostgresSnapshotStore({ pool: eventPool }),
    onFault: (err, { stream }) => logger.warn({ err, stream }, 'a snapshot could not be used, the stream is read from its beginning'),
  });
  onStop('snapshots', () => snapshots.stop());
  const decide = createCommandHandler({ aggregates: shop.aggregates, eventStore, snapshots, cache: { onLookup: observe.streamLookup } });
  const audit = new AuditBuffer({
    audit: new PostgresCommandAudit({ pool: commandPool }),
    onLost: observe.auditLost,
    onFault: (err) => logger.warn({ err }, 'the audit of commands cannot be written, it waits'),
  });
  onStop('audit of commands', () => audit.stop());
  metrics.atScrape((set) => set('commandAuditWaiting', audit.waiting));
  const record = (entry: UnrecordedCommand) => audit.add({ ...entry, instance });
  const observed = observedHandler({ handle: decide, aggregates: shop.aggregates, metrics });
  const handle = loggedHandler({
    handle: tracedHandler(auditedHandler({ handle: observed, aggregates: shop.aggregates, record }), tracing),
    application: shop,
    logger,
  });
  const processManagerNames = shop.processManagers.map(({ name }) => name);
  const instances = observedProcessManagers(new PostgresProcessManagerStore({ pool: commandPool }), processManagerNames, metrics);
  const store = tracedProcessManagers(instances, tracing);
  const outside = { url: config.PAYMENT_SIMULATOR_URL, connections: atATime, tracing };
  const [payments, shipping] = [new HttpPayments(outside), new HttpShipping(outside)];
  onStop('payments and shipping', () => Promise.all([payments.stop(), shipping.stop()]));
  const answered = new AnsweredCalls();
  const { PROCESS_LEASE_MS: leaseMs } = config;
  const delivery = new CommandDelivery({
    store,
    processManagers: shop.processManagers,
    handle,
    calls: outsideCalls({ payments, shipping, answered }),
    concurrency: atATime,
    leaseMs, // what a killed process had claimed waits that long
    onFault: (err, command) =>
      logger.warn(
        { err, commandId: command?.id, command: command?.type, correlationId: command?.metadata.correlationId },
        'a command could not be delivered, it is tried again',
      ),
  });
  onStop('command delivery', () => delivery.stop());
  const followed = sharedLog(eventStore, shop.processManagers);
  onStop('reading of the log', () => followed.stop());
  const runners = shop.processManagers.map(
    (processManager) =>
      new ProcessManagerRunner({
        eventStore,
        log: followed,
        store,
        processManager,
        instance: `command-service ${instance}`,
        leaseMs,
        delivery,
        onStatus: statusLogging(logger, 'processManager'),
      }),
  );
  onStop('process managers', () => Promise.all(runners.map((runner) => runner.stop())));

  const timers = new TimerRunner({
    store,
    processManagers: shop.processManagers,
    onFire: () => delivery.wake(),
    onFault: (err, processManager) => logger.warn({ err, processManager }, 'timers could not be fired, they are tried again'),
  });
  onStop('timers', () => timers.stop());
  const sagaPruning = new Pruning({
    prune: (limit) => store.prune({ doneForDays: config.SAGA_RETENTION_DAYS, limit }),
    onFault: (err) => logger.warn({ err }, 'old sagas could not be pruned, the next round tries again'),
  });
  onStop('saga pruning', () => sagaPruning.stop());

  const consumerPool = createPool({ url: urls.command_db, ...poolOptions, standStillMs });
  onStop('consumer connections', () => consumerPool.end());
  const webhooks = new WebhookDelivery({
    eventStore: log,
    store: new PostgresConsumerStore({ pool: consumerPool }),
    keys,
    instance: `command-service ${instance}`,
    leaseMs,
    onFault: (err, consumer) => logger.warn({ err, consumer }, 'a delivery to consumers is held up, it is tried again'),
    onAttempt: observe.attempt,
    through: (connections) => tracedHttp(connections, tracing),
  });
  onStop('webhooks to consumers', () => webhooks.stop());

  const jobStore = new PostgresJobStore({ pool: commandPool });
  const jobPruning = new Pruning({
    prune: (limit) => jobStore.prune({ endedForDays: config.JOB_RETENTION_DAYS, limit }),
    onFault: (err) => logger.warn({ err }, 'old jobs could not be pruned, the next round tries again'),
  });
  onStop('job pruning', () => jobPruning.stop());
  const jobs = new JobRunner({
    store: jobStore,
    definitions: jobDefinitions(urls, {
      application: shop,
      applicationModule: { module: import.meta.resolve('@kiroku/shop'), export: 'shop' },
      keys,
    }),
    provides: providedCode(shop),
    owner: `command-service ${instance}`,
    onFault: (err, job) => logger.warn({ err, job: job?.id, verb: job?.verb }, job ? 'a job failed' : 'no jobs can be looked for'),
  });
  onStop('jobs', () => jobs.stop());

  const probing = { applicationName: `${poolOptions.applicationName}-health`, timeoutMs: config.HEALTH_CHECK_TIMEOUT_MS };
  const logProbe = new DatabaseProbe({ ...probing, database: 'event_store', url: urls.event_store });
  const commandProbe = new DatabaseProbe({ ...probing, database: 'command_db', url: urls.command_db });
  const limits = { maxDelaySeconds: config.WORK_MAX_DELAY_SECONDS };
  const work = new WorkWatch({ ...probing, databases: urls, application: shop, limits });
  onStop('health checks', () => Promise.all([logProbe.stop(), commandProbe.stop(), work[Symbol.asyncDispose]()]));
  health.register('event_store', () => logProbe.requireUsable());
  health.register('command_db', () => commandProbe.requireUsable(), { required: false });
  // what the runner knows of itself says why; what its work looks like to others decides
  const watched = (name: string, own?: HealthCheck, part = name) => {
    const check: HealthCheck = async (signal) => {
      await own?.(signal);
      await work.requireSound(part);
    };
    health.register(name, check, { required: false });
  };
  for (const runner of runners) {
    watched(`process manager ${runner.processManager.name}`, runnerCheck(runner));
    watched(`timers of ${runner.processManager.name}`);
  }
  watched('command delivery');
  watched('jobs');
  watched('webhooks to consumers', () => webhooks.requireSound(), 'consumer');
  tellOfPools(metrics, { event_store: eventPool, command_db: commandPool, consumers: consumerPool });
  const figures = new PostgresFigures({ urls, applicationName: `${poolOptions.applicationName}-metrics` });
  onStop('metrics', () => figures[Symbol.asyncDispose]());
  tellOfWork(metrics, figures, shop);
  return {
    app: await createCommandApp({
      logger,
      health,
      metrics,
      tracing,
      application: shop,
      handle,
      timeline: async () => (await log.history()).log.timeline,
      record,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      trustedProxies: config.TRUSTED_PROXIES,
      answered,
      ...(config.PAYMENT_WEBHOOK_SECRET !== undefined && { webhookSecret: config.PAYMENT_WEBHOOK_SECRET }),
    }),
    port: config.COMMAND_SERVICE_PORT,
    portVariable: 'COMMAND_SERVICE_PORT',
    start: async (signal) => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'command_db', pool: commandPool });
      await log.start();
      const registry = new PostgresSchemaRegistry({ pool: eventPool });
      const { count, undescribed } = await registerSchemas({ aggregates: shop.aggregates, registry });
      logger.info({ count, undescribed }, 'event schemas registered');
      followed.start();
      await Promise.all(runners.map((runner) => runner.start()));
      const sending = onceOfItsHistory(runners, { signal }).then((isIts) => {
        if (!isIts) return;
        delivery.start();
        timers.start();
      });
      sending.catch(fail);
      sagaPruning.start();
      jobPruning.start();
      jobs.start();
      webhooks.start();
    },
  };
});
