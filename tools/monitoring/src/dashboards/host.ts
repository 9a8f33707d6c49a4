import { max, recorded, series } from '@kiroku/operations/alert-rules';
import type { Dashboard } from './dashboard.ts';

const perProcess = ['service', 'instance'] as const;

/** Machines and processes. */
export const host: Dashboard = {
  name: 'host',
  title: 'machines and processes',
  rows: [
    {
      title: 'Machines',
      panels: [
        {
          title: 'Processors',
          about: 'Share of the time in which they are busy. The guide asks for less than 80 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.hostCpu, legend: '{{host}}' }],
          limit: 0.8,
        },
        {
          title: 'Memory',
          about: 'Share in use. The guide asks for less than 90 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.hostMemory, legend: '{{host}}' }],
          limit: 0.9,
        },
        {
          title: 'Disks',
          about: 'Share in use of the disks for data and logs. The guide asks for less than 85 %.',
          unit: 'percentunit',
          curves: [{ of: recorded.hostDisk, legend: '{{host}}: {{disk}}' }],
          limit: 0.85,
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Event loop, busy',
          about: 'Share of the time. Near 100 %, requests wait for each other.',
          unit: 'percentunit',
          curves: [{ of: recorded.eventLoopBusy, legend: '{{service}} {{instance}}' }],
          limit: 0.9,
        },
        {
          title: 'Event loop, late',
          about: 'How late 1 % of its timers come.',
          unit: 's',
          curves: [
            { of: max(perProcess, series('kiroku_event_loop_lag_seconds', { quantile: '0.99' })), legend: '{{service}} {{instance}}' },
          ],
          limit: 0.1,
        },
        {
          title: 'Memory of processes',
          about: 'Resident.',
          unit: 'bytes',
          curves: [{ of: max(perProcess, series('process_resident_memory_bytes')), legend: '{{service}} {{instance}}' }],
        },
        {
          title: 'Connections to databases',
          about: 'Busy ones, by pool.',
          unit: 'short',
          curves: [
            {
              of: max([...perProcess, 'pool'], series('kiroku_database_pool_connections', { state: 'busy' })),
              legend: '{{service}} {{instance}}: {{pool}}',
            },
          ],
        },
        {
          title: 'Waiting for a connection',
          about: 'Calls, by pool.',
          unit: 'short',
          curves: [
            { of: max([...perProcess, 'pool'], series('kiroku_database_pool_waiting')), legend: '{{service}} {{instance}}: {{pool}}' },
          ],
          limit: 1,
        },
        {
          title: 'Databases that answer scrapes',
          about: '0: its figures are missing.',
          unit: 'short',
          curves: [{ of: max(['service', 'dependency'], series('kiroku_dependency_up')), legend: '{{service}}: {{dependency}}' }],
        },
      ],
    },
  ],
};
