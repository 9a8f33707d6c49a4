import type { Application } from '@kiroku/core';
import { LogFigures, WorkFigures } from '@kiroku/postgres';
import type { Metrics } from '@kiroku/service';

export interface WorkMetricsOptions {
  readonly metrics: Metrics;
  readonly urls: { readonly event_store: string; readonly command_db: string };
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly application: Pick<Application, 'processManagers'>;
}

/**
 * Tells what waits in the databases and how far the log is ahead of those who follow it: by the rows themselves, whoever is to move them. Returns
 * what to close.
 */
export function tellOfWork({ metrics, urls, applicationName, application }: WorkMetricsOptions): AsyncDisposable {
  const names = application.processManagers.map(({ name }) => name);
  const log = new LogFigures({ url: urls.event_store, applicationName });
  const work = new WorkFigures({ url: urls.command_db, applicationName });
  metrics.figures({
    dependency: 'event_store',
    gauges: ['logPosition', 'partitionsAhead'],
    read: async () => ({ position: await log.position(), ahead: await log.partitionsAhead() }),
    tell: ({ position, ahead }, set) => {
      set('logPosition', position);
      set('partitionsAhead', ahead);
    },
  });
  metrics.figures({
    dependency: 'command_db',
    gauges: [
      'sagasOpen',
      'sagasStuck',
      'outboxWaiting',
      'outboxParked',
      'outboxOldest',
      'timersWaiting',
      'timersOverdue',
      'timersOverdueSeconds',
      'consumerMessages',
      'jobsFailed',
    ],
    read: () => work.waiting(names),
    tell: ({ sagas, outgoing, timers, consumers, failedJobs }, set) => {
      set('jobsFailed', failedJobs);
      for (const { name, open, stuck } of sagas) {
        set('sagasOpen', open, { process_manager: name });
        set('sagasStuck', stuck, { process_manager: name });
      }
      set('outboxWaiting', outgoing.waiting);
      set('outboxParked', outgoing.parked);
      set('outboxOldest', outgoing.oldestSeconds);
      for (const { name, waiting, overdue, overdueSeconds } of timers) {
        set('timersWaiting', waiting, { process_manager: name });
        set('timersOverdue', overdue, { process_manager: name });
        set('timersOverdueSeconds', overdueSeconds, { process_manager: name });
      }
      for (const { name, ...messages } of consumers) {
        for (const [state, count] of Object.entries(messages)) set('consumerMessages', count, { consumer: name, state });
      }
    },
  });
  metrics.figures({
    gauges: ['processManagerLagEvents', 'processManagerLagSeconds', 'consumerLagEvents', 'consumerLagSeconds'],
    read: async () => {
      const followers = await work.positions(names);
      const lags = await log.lags(followers.map(({ position }) => position)); // after the positions: none looks ahead
      return followers.map((follower, index) => ({ ...follower, lag: lags[index] }));
    },
    tell: (followers, set) => {
      for (const { kind, name, lag } of followers) {
        if (lag === undefined) continue;
        if (kind === 'consumer') {
          set('consumerLagEvents', lag.events, { consumer: name });
          set('consumerLagSeconds', lag.seconds, { consumer: name });
        } else {
          set('processManagerLagEvents', lag.events, { process_manager: name });
          set('processManagerLagSeconds', lag.seconds, { process_manager: name });
        }
      }
    },
  });
  return { [Symbol.asyncDispose]: async () => void (await Promise.all([log[Symbol.asyncDispose](), work[Symbol.asyncDispose]()])) };
}
