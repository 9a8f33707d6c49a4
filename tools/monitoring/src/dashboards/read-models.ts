import { compare, max, rate, series, sum } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

const byProjection = (metric: string, where = {}) => max(['projection'], series(metric, where));

/** How far what is read is behind what is written, and who else follows the log. */
export const readModels: Dashboard = {
  name: 'read-models',
  title: 'read models and consumers',
  rows: [
    {
      title: 'Projections',
      panels: [
        {
          title: 'Behind the log, in time',
          about: 'Age of the first event that the build being read does not contain. The guide asks for less than 100 ms.',
          unit: 's',
          curves: [{ of: byProjection('kiroku_projection_lag_seconds'), legend: '{{projection}}' }],
          limit: 0.1,
        },
        {
          title: 'Behind the log, in events',
          about: 'Positions between the slowest partition and the head of the log.',
          unit: 'short',
          curves: [{ of: byProjection('kiroku_projection_lag_events'), legend: '{{projection}}' }],
        },
        {
          title: 'States',
          about: 'Which projections do not follow the log, and why.',
          unit: 'short',
          curves: [
            {
              of: compare(max(['projection', 'state'], series('kiroku_projection_state', { state: { not: ['following'] } })), '==', 1),
              legend: '{{projection}}: {{state}}',
            },
          ],
        },
        {
          title: 'Parked keys',
          about: 'Their rows are as they were before an event that could not be folded: `kiroku projection parked list`.',
          unit: 'short',
          curves: [{ of: byProjection('kiroku_projection_parked_keys'), legend: '{{projection}}' }],
          limit: 1,
        },
        {
          title: 'Spare builds',
          about: 'Every event is folded into each of them, for nobody: `kiroku projection retire NAME` drops them.',
          unit: 'short',
          curves: [{ of: byProjection('kiroku_projection_spare_builds'), legend: '{{projection}}' }],
          limit: 2,
        },
      ],
    },
    {
      title: 'Outside consumers',
      panels: [
        {
          title: 'Behind the log',
          about: 'Age of the first event that a consumer has not been offered.',
          unit: 's',
          curves: [{ of: max(['consumer'], series('kiroku_consumer_lag_seconds')), legend: '{{consumer}}' }],
          limit: 300,
        },
        {
          title: 'Messages kept',
          about: '`waiting` for another attempt, `queued` behind one, `dead`: somebody has to look.',
          unit: 'short',
          curves: [{ of: max(['consumer', 'state'], series('kiroku_consumer_messages')), legend: '{{consumer}}: {{state}}' }],
        },
        {
          title: 'Deliveries',
          about: 'Attempts per second, by outcome.',
          unit: 'reqps',
          curves: [
            {
              of: sum(['consumer', 'outcome'], rate(series('kiroku_consumer_deliveries_total'), 300)),
              legend: '{{consumer}}: {{outcome}}',
            },
          ],
        },
      ],
    },
  ],
};
