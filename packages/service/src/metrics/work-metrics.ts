import type { Application, StoredFigures } from '@kiroku/core';
import type { Metrics } from './metrics.ts';

/**
 * Tells what waits for process managers, consumers and jobs, and how far the log is ahead of those who follow it: by the rows themselves, whoever is
 * to move them. One service of an application tells it.
 */
export function tellOfWork(
  metrics: Metrics,
  { log, work }: Pick<StoredFigures, 'log' | 'work'>,
  { processManagers }: Pick<Application, 'processManagers'>,
): void {
  const names = processManagers.map(({ name }) => name);
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
}
