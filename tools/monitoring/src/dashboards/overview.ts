import { compare, max, min, recorded, series, sum } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

/** Is all well, by the thresholds of the operations guide? */
export const overview: Dashboard = {
  name: 'overview',
  title: 'overview',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Alerts firing',
          about: 'Critical ones and warnings. `kiroku alerts` lists them with what to do.',
          unit: 'short',
          curves: [
            {
              of: sum(
                ['severity'],
                series('ALERTS', { alertname: { prefix: 'Kiroku' }, alertstate: 'firing', severity: ['critical', 'warning'] }),
              ),
              legend: '{{severity}}',
            },
          ],
          limit: 1,
          single: true,
        },
        {
          title: 'Services that answer',
          about: 'Of those that Prometheus asks.',
          unit: 'short',
          curves: [{ of: sum([], series('up', { job: 'kiroku' })), legend: 'up' }],
          single: true,
        },
        {
          title: 'Ready',
          about: '0 if a service takes no requests.',
          unit: 'short',
          curves: [{ of: min(['service'], series('kiroku_ready')), legend: '{{service}}' }],
          limit: 1,
          wrongBelow: true,
          single: true,
        },
        {
          title: 'Commands without a fault',
          about: 'Rejections by rules and wrong commands are none. The guide asks for more than 99.9 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.commandSuccess, legend: '{{service}}' }],
          limit: 0.999,
          wrongBelow: true,
          single: true,
        },
        {
          title: 'Sagas that ended well',
          about: 'Completed, or undone cleanly, within an hour. The guide asks for more than 99 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.sagaCompletion, legend: '{{process_manager}}' }],
          limit: 0.99,
          wrongBelow: true,
          single: true,
        },
        {
          title: 'Parts that are down',
          about: 'What `/health` says is down.',
          unit: 'short',
          curves: [{ of: compare(min(['service', 'part'], series('kiroku_health_part_up')), '==', 0), legend: '{{service}}: {{part}}' }],
          single: true,
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests',
          about: 'Answered per second, by service.',
          unit: 'reqps',
          curves: [{ of: recorded.requestRate, legend: '{{service}}' }],
        },
        {
          title: 'Time of answers, p95',
          about: '5 % take longer. The guide asks for less than 200 ms.',
          unit: 's',
          curves: [{ of: recorded.requestP95, legend: '{{service}}' }],
          limit: 0.2,
        },
        {
          title: 'Faults',
          about: 'Share of 5xx, and of GraphQL answers with a fault. The guide asks for less than 0.1 %.',
          unit: 'percentunit',
          curves: [
            { of: recorded.requestFaults.ratio5m, legend: '{{service}}' },
            { of: recorded.graphqlFaults.ratio5m, legend: '{{service}}, GraphQL' },
          ],
          limit: 0.001,
        },
        {
          title: 'Events on their way to read models',
          about: 'Age of the first event that a projection does not contain. The guide asks for less than 100 ms.',
          unit: 's',
          curves: [{ of: max(['projection'], series('kiroku_projection_lag_seconds')), legend: '{{projection}}' }],
          limit: 0.1,
        },
      ],
    },
  ],
};
