import { compare, min, series } from '../expression.ts';
import { hostCpu, hostDisk, hostMemory } from '../recordings.ts';
import type { AlertRule } from '../rule.ts';

/** Has the machine room left? */
export const hostRules: readonly AlertRule[] = [
  {
    name: 'KirokuCpuHigh',
    severity: 'warning',
    when: compare(hostCpu, '>', 0.8),
    forSeconds: 600,
    summary: 'The processors of {host} are busy for {value} of the time.',
    unit: 'ratio',
    runbook: 'saturation.md',
    guide: 'CPU < 80 %',
  },
  {
    name: 'KirokuMemoryHigh',
    severity: 'warning',
    when: compare(hostMemory, '>', 0.9),
    forSeconds: 300,
    summary: '{value} of the memory of {host} is in use.',
    unit: 'ratio',
    runbook: 'saturation.md',
    guide: 'memory < 90 %',
  },
  {
    name: 'KirokuDiskFull',
    severity: 'critical',
    when: compare(hostDisk, '>', 0.95),
    forSeconds: 60,
    summary: '{value} of the disk for {disk} of {host} is in use.',
    unit: 'ratio',
    runbook: 'disk-full.md',
  },
  {
    name: 'KirokuDiskHigh',
    severity: 'warning',
    when: compare(hostDisk, '>', 0.85),
    forSeconds: 300,
    summary: '{value} of the disk for {disk} of {host} is in use.',
    unit: 'ratio',
    runbook: 'disk-full.md',
    guide: 'disk < 85 %',
  },
  {
    name: 'KirokuLogNotWritten',
    severity: 'warning',
    when: compare(min(['service'], series('kiroku_health_part_up', { part: 'log' })), '==', 0),
    forSeconds: 60,
    summary: '{service} cannot write its log: lines are lost.',
    unit: 'count',
    runbook: 'disk-full.md',
  },
];
