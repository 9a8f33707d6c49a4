import { personalNames } from '@kiroku/core';
import {
  CommandDelivery,
  createCommandHandler,
  encryptedEventStore,
  onceOfItsHistory,
  ProcessManagerRunner,
  registerSchemas,
  TimerRunner,
} from '@kiroku/engine';
import {
  createPool,
  DatabaseProbe,
  PostgresEventStore,
  PostgresFigures,
  PostgresProcessManagerStore,
  PostgresSchemaRegistry,
  requireMigrated,
} from '@kiroku/postgres';
import {
  createApp,
  databaseSettings,
  databaseUrls,
  FileKeyStore,
  keySettings,
  keyStoreOptions,
  port,
  requestContext,
  runService,
  serviceSettings,
  tellOfSafety,
  tellOfWork,
} from '@kiroku/service';
import { v7 as uuid } from 'uuid';
import { depositCalls } from './deposits.ts';
import { library } from './library.ts';
import { pretendBank } from './pretend-bank.ts';
import { pretendMail } from './pretend-mail.ts';
import { reminderCalls } from './reminders.ts';

const settings = serviceSettings.extend({
  ...databaseSettings.shape,
  ...keySettings.shape,
  COMMANDS_PORT: port(4101, 'Port of the command service.'),
});

const personal = personalNames(library.aggregates); // never logged

await runService({ name: 'commands', settings, personal }, async ({ config, logger, health, metrics, fail, onStop }) => {
  const { aggregates, processManagers } = library;
  const urls = databaseUrls(config);
  const eventPool = createPool({ url: urls.event_store, applicationName: 'library-commands' });
  const commandPool = createPool({ url: urls.command_db, applicationName: 'library-commands' });
  onStop('database connections', () => Promise.all([eventPool.end(), commandPool.end()]));
  const log = new PostgresEventStore({ pool: eventPool, onSwitched: fail });
  onStop('event store', () => log.stop());
  const keys = new FileKeyStore(keyStoreOptions(config));
  const eventStore = encryptedEventStore(log, { aggregates, keys });

  const handle = createCommandHandler({ aggregates, eventStore });
  const store = new PostgresProcessManagerStore({ pool: commandPool });
  const onFault = (err: unknown) => logger.warn({ err }, 'a process manager is held up, it is tried again');
  const calls = { ...depositCalls(pretendBank()), ...reminderCalls(pretendMail(logger)) };
  const delivery = new CommandDelivery({ store, processManagers, handle, calls, onFault });
  onStop('command delivery', () => delivery.stop());
  const runners = processManagers.map((processManager) => new ProcessManagerRunner({ eventStore, store, processManager, delivery }));
  onStop('process managers', () => Promise.all(runners.map((runner) => runner.stop())));
  const timers = new TimerRunner({ store, processManagers, onFire: () => delivery.wake(), onFault });
  onStop('timers', () => timers.stop());

  const probe = new DatabaseProbe({ database: 'event_store', url: urls.event_store, applicationName: 'library-commands-health' });
  onStop('health checks', () => probe.stop());
  health.register('event_store', () => probe.requireUsable());

  const figures = new PostgresFigures({ urls, applicationName: 'library-commands-metrics' });
  onStop('metrics', () => figures[Symbol.asyncDispose]());
  tellOfWork(metrics, figures, library);
  tellOfSafety(metrics, figures);

  const app = createApp({ logger, health, metrics });
  app.post<{ Params: { type: string } }>('/commands/:type', async (request, reply) => {
    const key = request.headers['idempotency-key']; // a UUID; who repeats a request sends the same
    const id = typeof key === 'string' ? key : uuid();
    const metadata = { ...requestContext(request) };
    const result = await handle({ type: request.params.type, id, at: new Date().toISOString(), data: request.body, metadata });
    return result.outcome === 'rejected' ? reply.code(422).send(result.rejection) : result;
  });

  // they leave, and what is known of them is forgotten: nothing personal can be stored under this id any more
  app.delete<{ Params: { memberId: string } }>('/members/:memberId', async (request, reply) => {
    const { memberId } = request.params;
    const metadata = { ...requestContext(request) };
    await handle({ type: 'LeaveLibrary', id: uuid(), at: new Date().toISOString(), data: { memberId }, metadata });
    await keys.forget(memberId);
    return reply.code(204).send();
  });

  return {
    app,
    port: config.COMMANDS_PORT,
    portVariable: 'COMMANDS_PORT',
    start: async (signal) => {
      await requireMigrated({ database: 'event_store', pool: eventPool });
      await requireMigrated({ database: 'command_db', pool: commandPool });
      await log.start();
      await registerSchemas({ aggregates, registry: new PostgresSchemaRegistry({ pool: eventPool }) });
      await Promise.all(runners.map((runner) => runner.start()));
      const sending = onceOfItsHistory(runners, { signal }).then((isIts) => {
        if (!isIts) return;
        delivery.start();
        timers.start();
      });
      sending.catch(fail);
    },
  };
});
