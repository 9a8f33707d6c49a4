import { max, rate, recorded, series, sum } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

const byManager = (metric: string) => max(['process_manager'], series(metric));

/** Process managers, their commands and timers. */
export const sagas: Dashboard = {
  name: 'sagas',
  title: 'sagas',
  rows: [
    {
      title: 'Sagas',
      panels: [
        {
          title: 'Ended well',
          about: 'Completed or undone cleanly, of those that ended within an hour. The guide asks for more than 99 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.sagaCompletion, legend: '{{process_manager}}' }],
          limit: 0.99,
          wrongBelow: true,
        },
        {
          title: 'Started and ended',
          about: 'Per second. `failed`: somebody has to look.',
          unit: 'reqps',
          curves: [
            { of: sum(['process_manager'], rate(series('kiroku_sagas_started_total'), 300)), legend: '{{process_manager}}: started' },
            {
              of: sum(['process_manager', 'outcome'], rate(series('kiroku_sagas_ended_total'), 300)),
              legend: '{{process_manager}}: {{outcome}}',
            },
          ],
        },
        {
          title: 'Under way',
          about: 'And of these, stuck: their command is parked, somebody has to retry it.',
          unit: 'short',
          curves: [
            { of: byManager('kiroku_sagas_open'), legend: '{{process_manager}}' },
            { of: byManager('kiroku_sagas_stuck'), legend: '{{process_manager}}: stuck' },
          ],
        },
        {
          title: 'Behind the log',
          about: 'Age of the first event that a process manager has not looked at.',
          unit: 's',
          curves: [{ of: byManager('kiroku_process_manager_lag_seconds'), legend: '{{process_manager}}' }],
          limit: 30,
        },
      ],
    },
    {
      title: 'Commands and timers',
      panels: [
        {
          title: 'Commands without an outcome',
          about: 'Those on their way, and those that are parked.',
          unit: 'short',
          curves: [
            { of: max([], series('kiroku_outbox_waiting')), legend: 'waiting' },
            { of: max([], series('kiroku_outbox_parked')), legend: 'parked' },
          ],
        },
        {
          title: 'Oldest command',
          about: 'For how long it has waited.',
          unit: 's',
          curves: [{ of: max([], series('kiroku_outbox_oldest_seconds')), legend: 'oldest' }],
          limit: 300,
        },
        {
          title: 'Timers',
          about: 'Set, and overdue.',
          unit: 'short',
          curves: [
            { of: byManager('kiroku_timers_waiting'), legend: '{{process_manager}}: set' },
            { of: byManager('kiroku_timers_overdue'), legend: '{{process_manager}}: overdue' },
          ],
        },
        {
          title: 'Timer that is due first',
          about: 'For how long it has been due.',
          unit: 's',
          curves: [{ of: byManager('kiroku_timers_overdue_seconds'), legend: '{{process_manager}}' }],
          limit: 30,
        },
      ],
    },
  ],
};
