import { type Limit, steady } from './limit.ts';

const series = (name: string, more = '') =>
  `kiroku_projection_${name}{service="query-service",instance="a:4002",projection="orders"${more}}`;
const state = (name: string) => series('state', `,state="${name}"`);
const lag = series('lag_seconds');
const orders = { projection: 'orders' };

export const readModelLimits: readonly Limit[] = [
  {
    alert: 'KirokuProjectionStalled',
    beyond: { [state('stalled')]: steady(1), [state('following')]: steady(0) },
    firesAt: 60,
    labels: { ...orders, state: 'stalled' },
    within: [{ [state('stalled')]: steady(0), [state('orphaned')]: steady(0), [state('unbuilt')]: steady(1) }],
  },
  {
    alert: 'KirokuProjectionBehind',
    beyond: { [lag]: steady(31), [state('paused')]: steady(0) },
    firesAt: 300,
    labels: orders,
    within: [{ [lag]: steady(30) }, { [lag]: steady(3_600), [state('paused')]: steady(1) }],
  },
  {
    alert: 'KirokuEventDelay',
    beyond: { [lag]: steady(0.11) },
    firesAt: 300,
    labels: orders,
    within: [{ [lag]: steady(0.09) }, { [lag]: steady(3_600), [state('paused')]: steady(1) }],
  },
  {
    alert: 'KirokuKeysParked',
    beyond: { [series('parked_keys')]: steady(1) },
    firesAt: 60,
    labels: orders,
    within: [{ [series('parked_keys')]: steady(0) }],
  },
  {
    alert: 'KirokuBuildsPileUp',
    beyond: { [series('spare_builds')]: steady(2) },
    firesAt: 3_600,
    labels: orders,
    within: [{ [series('spare_builds')]: steady(1) }],
  },
  {
    alert: 'KirokuProjectionPaused',
    beyond: { [state('paused')]: steady(1) },
    firesAt: 900,
    labels: orders,
    within: [{ [state('paused')]: steady(0) }],
  },
];
