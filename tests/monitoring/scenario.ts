import fc from 'fast-check';
import type { Exported } from './exposition.ts';

export interface Scenario {
  /** What each target exports, look after look; `undefined`: it does not answer. */
  readonly looks: readonly Readonly<Record<string, Exported | undefined>>[];
  /** The same by series, as Prometheus stores it. */
  readonly series: ReadonlyMap<string, readonly (number | undefined)[]>;
}

interface Metric {
  readonly name: string;
  readonly counter: boolean;
  /** It grows by, or is, one of these. */
  readonly values: readonly number[];
}

const gauge = (name: string, ...values: readonly number[]): Metric => ({ name, counter: false, values });
const counter = (name: string, ...values: readonly number[]): Metric => ({ name, counter: true, values });
const requests = (service: string, status: string, route = '/a') =>
  `kiroku_http_requests_total{service="${service}",route="${route}",status="${status}"}`;
const bucket = (le: string) => `kiroku_http_request_duration_seconds_bucket{service="query-service",le="${le}"}`;
const commands = (outcome: string) => `kiroku_commands_total{service="command-service",outcome="${outcome}"}`;
const host = (service: string, figure: string) => `kiroku_host_${figure.replace('{', `{service="${service}",host="web-1",`)}`;

const targets: Readonly<Record<string, readonly Metric[]>> = {
  'a:4000': [
    counter(requests('client-service', '2xx', '/graphql'), 0, 5, 50),
    counter(requests('client-service', '5xx', '/graphql'), 0, 0, 0, 3),
    counter('kiroku_graphql_failed_operations_total{service="client-service",kind="fault"}', 0, 0, 4),
    gauge('kiroku_ready{service="client-service"}', 1, 1, 0),
  ],
  'a:4001': [
    counter(commands('accepted'), 0, 10, 90),
    counter(commands('rejected'), 0, 10),
    counter(commands('fault'), 0, 0, 1, 8),
    counter('kiroku_sagas_ended_total{process_manager="fulfilment",outcome="completed"}', 1, 40),
    counter('kiroku_sagas_ended_total{process_manager="fulfilment",outcome="failed"}', 0, 0, 0, 1),
    counter('kiroku_event_loop_busy_seconds_total{service="command-service"}', 1, 5),
    gauge('process_start_time_seconds{service="command-service"}', 1_000, 1_060, 1_120, 1_180),
    gauge('kiroku_dependency_up{service="command-service",dependency="command_db"}', 1, 1, 0),
    gauge('kiroku_timers_overdue_seconds{process_manager="fulfilment"}', 0, 29, 31, 90),
    gauge('kiroku_jobs_failed', 0, 0, 2),
    gauge(host('command-service', 'disk_bytes{disk="data",figure="size"}'), 100),
    gauge(host('command-service', 'disk_bytes{disk="data",figure="available"}'), 1, 10, 20, Number.NaN),
    counter(host('command-service', 'cpu_seconds_total{mode="busy"}'), 10, 29),
    counter(host('command-service', 'cpu_seconds_total{mode="idle"}'), 1, 2),
  ],
  'a:4002': [
    counter(bucket('0.1'), 0, 3),
    counter(bucket('0.2'), 3, 4),
    counter(bucket('1'), 4, 6),
    counter(bucket('+Inf'), 6),
    counter('kiroku_http_request_duration_seconds_count{service="query-service"}', 6),
    gauge('kiroku_projection_lag_seconds{projection="orders"}', 0, 0.05, 0.3, 40),
    gauge('kiroku_projection_state{projection="orders",state="paused"}', 0, 0, 0, 1),
    gauge('kiroku_projection_state{projection="orders",state="stalled"}', 0, 1),
    gauge('kiroku_projection_parked_keys{projection="orders"}', 0, 2, Number.NaN),
    gauge('kiroku_projection_spare_builds{projection="orders"}', 0, 1, 2),
    gauge('kiroku_database_pool_waiting{service="query-service",pool="query_db"}', 0, 4),
    gauge(host('query-service', 'disk_bytes{disk="data",figure="size"}'), 1_000),
    gauge(host('query-service', 'disk_bytes{disk="data",figure="available"}'), 30, 300),
  ],
};

/** Processes whose figures change every few looks, which begin anew, go for a while, and whose series come and go: by chance, always the same. */
export function scenario({ seed, looks: count }: { readonly seed: number; readonly looks: number }): Scenario {
  const chance = chanceOf(seed);
  const looks: Record<string, Exported | undefined>[] = Array.from({ length: count }, () => ({}));
  const series = new Map<string, readonly (number | undefined)[]>();
  for (const [target, metrics] of Object.entries(targets)) {
    const answers = runs(chance, count, [true, true, true, true, false]);
    const restarts = Array.from({ length: count }, () => chance(20) === 0);
    const columns = metrics.map((metric) => column(metric, { chance, count, answers, restarts }));
    for (const [look, exported] of looks.entries()) {
      exported[target] = answers[look] ? Object.fromEntries(metrics.map(({ name }, index) => [name, columns[index]?.[look]])) : undefined;
    }
    for (const [index, { name }] of metrics.entries()) series.set(stored(name, target), columns[index] ?? []);
    series.set(
      stored('up', target),
      answers.map((each) => (each ? 1 : 0)),
    );
  }
  return { looks, series };
}

interface Course {
  readonly chance: (below: number) => number;
  readonly count: number;
  readonly answers: readonly boolean[];
  readonly restarts: readonly boolean[];
}

function column({ counter: counts, values }: Metric, { chance, count, answers, restarts }: Course): readonly (number | undefined)[] {
  const chosen = runs(chance, count, values);
  const isThere = runs(chance, count, [true, true, true, true, true, true, false]);
  let total = 0;
  return chosen.map((value, look) => {
    total = (restarts[look] ? 0 : total) + value;
    return answers[look] && isThere[look] ? (counts ? total : value) : undefined;
  });
}

/** One of the values for some looks, then another. */
function runs<T>(chance: (below: number) => number, count: number, values: readonly T[]): readonly T[] {
  const made: T[] = [];
  while (made.length < count) {
    const value = values[chance(values.length)] as T; // below its length
    for (let left = 1 + chance(18); left > 0; left--) made.push(value);
  }
  return made.slice(0, count);
}

function chanceOf(seed: number): (below: number) => number {
  const numbers = fc.sample(fc.nat({ max: 1_000_000_006 }), { seed, numRuns: 20_000 });
  let next = 0;
  return (below) => (numbers[next++ % numbers.length] ?? 0) % below;
}

/** As it is stored: with the labels of the target. */
function stored(name: string, instance: string): string {
  const target = `job="kiroku",instance="${instance}"`;
  return name.includes('{') ? name.replace('{', `{${target},`) : `${name}{${target}}`;
}
