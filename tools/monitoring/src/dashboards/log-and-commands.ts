import { max, quantile, rate, ratio, recorded, series, sum } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

const seconds = 300;

/** What is asked for, decided and appended. */
export const logAndCommands: Dashboard = {
  name: 'log-and-commands',
  title: 'log and commands',
  rows: [
    {
      title: 'Commands',
      panels: [
        {
          title: 'Commands by outcome',
          about: 'Per second. `rejected`: a rule said no. `invalid`: sent wrong. `fault`: something is broken.',
          unit: 'reqps',
          curves: [{ of: sum(['outcome'], rate(series('kiroku_commands_total'), seconds)), legend: '{{outcome}}' }],
        },
        {
          title: 'Commands by type',
          about: 'Per second, whatever became of them.',
          unit: 'reqps',
          curves: [{ of: sum(['command'], rate(series('kiroku_commands_total'), seconds)), legend: '{{command}}' }],
        },
        {
          title: 'Rejections',
          about: 'Per second, by the code of the rule.',
          unit: 'reqps',
          curves: [{ of: sum(['code'], rate(series('kiroku_command_rejections_total'), seconds)), legend: '{{code}}' }],
        },
        {
          title: 'Faults',
          about: 'Per second, by the code of the error.',
          unit: 'reqps',
          curves: [{ of: sum(['code'], rate(series('kiroku_command_faults_total'), seconds)), legend: '{{code}}' }],
        },
        {
          title: 'Time of commands',
          about: 'From a command to its outcome: 5 % take longer than p95, half of them longer than p50.',
          unit: 's',
          curves: [
            { of: recorded.commandP95, legend: 'p95' },
            {
              of: quantile(0.5, sum(['service', 'le'], rate(series('kiroku_command_duration_seconds_bucket'), seconds))),
              legend: 'p50',
            },
          ],
        },
        {
          title: 'States found in memory',
          about: 'Share of looks into a cache that found something.',
          unit: 'percentunit',
          curves: [{ of: recorded.cacheHits, legend: '{{cache}}' }],
        },
      ],
    },
    {
      title: 'The log',
      panels: [
        {
          title: 'Position',
          about: 'Of the last event.',
          unit: 'short',
          curves: [{ of: max([], series('kiroku_log_position')), legend: 'position' }],
        },
        {
          title: 'Time of appends',
          about: 'From an append to its answer, and how long the first of a batch had waited to be sent: 5 % take longer.',
          unit: 's',
          curves: [
            { of: recorded.appendP95, legend: 'append' },
            { of: quantile(0.95, sum(['le'], rate(series('kiroku_append_wait_seconds_bucket'), seconds))), legend: 'of which waiting' },
          ],
        },
        {
          title: 'Appends in a batch',
          about: 'On average. It grows with the load.',
          unit: 'short',
          curves: [
            {
              of: ratio(
                sum([], rate(series('kiroku_append_batch_size_sum'), seconds)),
                sum([], rate(series('kiroku_append_batch_size_count'), seconds)),
              ),
              legend: 'appends',
            },
          ],
        },
        {
          title: 'Conflicts',
          about: 'Per second: a command is decided again because what it was decided on has changed.',
          unit: 'reqps',
          curves: [{ of: sum([], rate(series('kiroku_append_conflicts_total'), seconds)), legend: 'conflicts' }],
        },
        {
          title: 'Partitions ahead',
          about: 'Ready after the one being filled. At 0: `kiroku db maintain`.',
          unit: 'short',
          curves: [{ of: max([], series('kiroku_log_partitions_ahead')), legend: 'partitions' }],
          limit: 1,
          wrongBelow: true,
        },
      ],
    },
  ],
};
