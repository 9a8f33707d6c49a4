import { type Limit, restarted, steady } from './limit.ts';

const up = 'up{job="kiroku",instance="a:4001"}';
const ready = 'kiroku_ready{service="command-service",instance="a:4001"}';
const began = 'process_start_time_seconds{service="query-service",instance="a:4002"}';
const database = 'kiroku_dependency_up{service="query-service",instance="a:4002",dependency="query_db"}';
const part = (name: string) => `kiroku_health_part_up{service="command-service",instance="a:4001",part="${name}"}`;
const pool = 'kiroku_database_pool_waiting{service="command-service",instance="a:4001",pool="event_store"}';
const late = (quantile: string) => `kiroku_event_loop_lag_seconds{service="client-service",instance="a:4000",quantile="${quantile}"}`;

export const serviceLimits: readonly Limit[] = [
  {
    alert: 'KirokuServiceDown',
    beyond: { [up]: steady(0) },
    firesAt: 60,
    labels: { instance: 'a:4001' },
    within: [{ [up]: steady(1) }],
  },
  {
    alert: 'KirokuUnwatched',
    beyond: { 'up{job="others",instance="a:80"}': steady(1) },
    firesAt: 300,
    labels: { job: 'kiroku' },
    within: [{ [up]: steady(0) }],
  },
  {
    alert: 'KirokuNotReady',
    beyond: { [ready]: steady(0) },
    firesAt: 120,
    labels: { service: 'command-service', instance: 'a:4001' },
    within: [{ [ready]: steady(1) }],
  },
  {
    alert: 'KirokuRestarting',
    beyond: { [began]: restarted(3) },
    firesAt: 180,
    labels: { service: 'query-service', instance: 'a:4002' },
    within: [{ [began]: restarted(2) }],
  },
  {
    alert: 'KirokuDatabaseDown',
    beyond: { [database]: steady(0) },
    firesAt: 60,
    labels: { service: 'query-service', dependency: 'query_db' },
    within: [{ [database]: steady(1) }],
  },
  {
    alert: 'KirokuPartDown',
    beyond: { [part('command delivery')]: steady(0) },
    firesAt: 120,
    labels: { service: 'command-service', part: 'command delivery' },
    within: [{ [part('command delivery')]: steady(1) }, { [part('log')]: steady(0), [part('jobs')]: steady(0) }],
  },
  {
    alert: 'KirokuPoolExhausted',
    beyond: { [pool]: steady(1.1) },
    firesAt: 300,
    labels: { service: 'command-service', instance: 'a:4001', pool: 'event_store' },
    within: [{ [pool]: steady(1) }],
  },
  {
    alert: 'KirokuEventLoopBlocked',
    beyond: { [late('0.99')]: steady(0.11) },
    firesAt: 300,
    labels: { service: 'client-service', instance: 'a:4000' },
    within: [{ [late('0.99')]: steady(0.09), [late('1')]: steady(3) }],
  },
];
