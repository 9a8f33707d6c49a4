import { growing, type Input, type Limit, steady } from './limit.ts';

const of = (service: string, metric: string, more: string) => `kiroku_host_${metric}{service="${service}",host="web-1"${more}}`;
/** Several services of one machine tell of it, and are one alert. */
const services = ['command-service', 'query-service'];

function cpu(busy: number): Input {
  return Object.fromEntries(
    services.flatMap((service) => [
      [of(service, 'cpu_seconds_total', ',mode="busy"'), growing(busy)],
      [of(service, 'cpu_seconds_total', ',mode="idle"'), growing(30 - busy)],
    ]),
  );
}

function used(metric: string, percent: number, more = ''): Input {
  return Object.fromEntries(
    services.flatMap((service) => [
      [of(service, metric, `${more},figure="size"`), steady(10_000)],
      [of(service, metric, `${more},figure="available"`), steady(10_000 - percent * 100)],
    ]),
  );
}

const disk = (percent: number) => used('disk_bytes', percent, ',disk="logs"');
const written = (value: number): Input => ({ 'kiroku_health_part_up{service="query-service",part="log"}': steady(value) });
const host = { host: 'web-1' };

export const hostLimits: readonly Limit[] = [
  { alert: 'KirokuCpuHigh', beyond: cpu(24.3), firesAt: 615, labels: host, within: [cpu(23.7)] },
  { alert: 'KirokuMemoryHigh', beyond: used('memory_bytes', 91), firesAt: 300, labels: host, within: [used('memory_bytes', 89)] },
  { alert: 'KirokuDiskFull', beyond: disk(96), firesAt: 60, labels: { ...host, disk: 'logs' }, within: [disk(94)] },
  { alert: 'KirokuDiskHigh', beyond: disk(86), firesAt: 300, labels: { ...host, disk: 'logs' }, within: [disk(84)] },
  { alert: 'KirokuLogNotWritten', beyond: written(0), firesAt: 60, labels: { service: 'query-service' }, within: [written(1)] },
];
