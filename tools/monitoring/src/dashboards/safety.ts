import { max, min, series } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

/** Whether what is stored could be had again. */
export const safety: Dashboard = {
  name: 'safety',
  title: 'backups and history',
  rows: [
    {
      title: 'Backups',
      panels: [
        {
          title: 'Age of the latest backup',
          about: 'Of those that were finished. The guide asks for one a day.',
          unit: 's',
          curves: [{ of: min([], series('kiroku_backup_age_seconds')), legend: 'backup' }],
          limit: 93_600,
        },
        {
          title: 'Age of the latest good drill',
          about: 'The last time a restore was tried, and succeeded.',
          unit: 's',
          curves: [{ of: min([], series('kiroku_drill_age_seconds')), legend: 'drill' }],
          limit: 691_200,
        },
        {
          title: 'Went well',
          about: '1 if the latest backup was finished, and the latest drill succeeded.',
          unit: 'short',
          curves: [
            { of: min([], series('kiroku_backup_went_well')), legend: 'backup' },
            { of: min([], series('kiroku_drill_went_well')), legend: 'drill' },
          ],
        },
        {
          title: 'What a restore takes and loses',
          about: 'As the latest good drill measured it: until everything was there and proven, and how much would have been lost.',
          unit: 's',
          curves: [
            { of: max([], series('kiroku_drill_rto_seconds')), legend: 'takes (RTO)' },
            { of: max([], series('kiroku_drill_rpo_seconds')), legend: 'loses (RPO)' },
          ],
        },
      ],
    },
    {
      title: 'Archive of the log',
      panels: [
        {
          title: 'Behind',
          about: 'Since when nothing was archived, though more was written.',
          unit: 's',
          curves: [{ of: max(['database'], series('kiroku_archive_lag_seconds')), legend: '{{database}}' }],
          limit: 300,
        },
        {
          title: 'Failing',
          about: '1 if the last try of a server failed.',
          unit: 'short',
          curves: [{ of: max(['database'], series('kiroku_archive_failing')), legend: '{{database}}' }],
          limit: 1,
        },
        {
          title: 'Of another history',
          about: 'Who waits for `kiroku doctor`, because the log was restored.',
          unit: 'short',
          curves: [{ of: max(['part'], series('kiroku_other_history')), legend: '{{part}}' }],
          limit: 1,
        },
      ],
    },
  ],
};
