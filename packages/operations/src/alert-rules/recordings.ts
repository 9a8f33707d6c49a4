import { type Expression, increase, max, quantile, rate, ratio, rest, type Selected, series, sum } from './expression.ts';
import type { RecordingRule } from './rule.ts';

const minutes = 60;
const declared: RecordingRule[] = [];

/** The expression under a name, for rules and dashboards to build on. */
function record(name: RecordingRule['name'], of: Expression): Expression {
  declared.push({ name, of });
  return { kind: 'recorded', name, of };
}

/** Faults among all, and how many faults, over a time: a ratio of few says nothing by itself. */
function faults(name: string, what: { readonly by: readonly string[]; readonly of: Selected; readonly all: Selected }) {
  const share = (seconds: number) => ratio(sum(what.by, rate(what.of, seconds)), sum(what.by, rate(what.all, seconds)));
  return {
    ratio5m: record(`kiroku:${name}:ratio5m`, share(5 * minutes)),
    ratio15m: record(`kiroku:${name}:ratio15m`, share(15 * minutes)),
    count5m: record(`kiroku:${name}:increase5m`, sum(what.by, increase(what.of, 5 * minutes))),
    count15m: record(`kiroku:${name}:increase15m`, sum(what.by, increase(what.of, 15 * minutes))),
  };
}

function p95(name: RecordingRule['name'], by: readonly string[], metric: string): Expression {
  return record(name, quantile(0.95, sum([...by, 'le'], rate(series(`${metric}_bucket`), 5 * minutes))));
}

const requests = series('kiroku_http_requests_total');
const commands = series('kiroku_commands_total');
const ended = (outcome?: string) => series('kiroku_sagas_ended_total', outcome === undefined ? {} : { outcome });

export const requestRate = record('kiroku:http_requests:rate5m', sum(['service'], rate(requests, 5 * minutes)));
export const requestFaults = faults('http_faults', {
  by: ['service'],
  of: series('kiroku_http_requests_total', { status: '5xx' }),
  all: requests,
});
export const requestP95 = p95('kiroku:http_request_duration_seconds:p95', ['service'], 'kiroku_http_request_duration_seconds');
export const graphqlFaults = faults('graphql_faults', {
  by: ['service'],
  of: series('kiroku_graphql_failed_operations_total', { kind: 'fault' }),
  all: series('kiroku_http_requests_total', { route: '/graphql' }),
});

export const commandRate = record('kiroku:commands:rate5m', sum(['service'], rate(commands, 5 * minutes)));
/** What rules refuse, and what is sent wrong, is no fault. */
export const commandFaults = faults('command_faults', {
  by: ['service'],
  of: series('kiroku_commands_total', { outcome: 'fault' }),
  all: commands,
});
export const commandSuccess = record('kiroku:command_success:ratio5m', rest(commandFaults.ratio5m));
export const commandP95 = p95('kiroku:command_duration_seconds:p95', ['service'], 'kiroku_command_duration_seconds');
export const appendP95 = p95('kiroku:append_duration_seconds:p95', ['service'], 'kiroku_append_duration_seconds');

/** Over an hour, because there are fewer sagas than commands. What undid itself cleanly has ended well. */
export const sagaFailures = {
  ratio1h: record(
    'kiroku:saga_failures:ratio1h',
    ratio(sum(['process_manager'], rate(ended('failed'), 60 * minutes)), sum(['process_manager'], rate(ended(), 60 * minutes))),
  ),
  count1h: record('kiroku:saga_failures:increase1h', sum(['process_manager'], increase(ended('failed'), 60 * minutes))),
};
export const sagaCompletion = record('kiroku:saga_completion:ratio1h', rest(sagaFailures.ratio1h));

const cpu = (mode?: string) => rate(series('kiroku_host_cpu_seconds_total', mode === undefined ? {} : { mode }), 5 * minutes);
/** As each service sees it, and of these the worst. */
const used = (metric: string, by: readonly string[]) => {
  const figure = (which: string) => max([...by, 'service', 'instance'], series(metric, { figure: which }));
  return max(by, rest(ratio(figure('available'), figure('size'))));
};
/** Of the machine, which several services tell of. */
export const hostCpu = record('kiroku:host_cpu:ratio5m', ratio(sum(['host'], cpu('busy')), sum(['host'], cpu())));
export const hostMemory = record('kiroku:host_memory:ratio', used('kiroku_host_memory_bytes', ['host']));
export const hostDisk = record('kiroku:host_disk:ratio', used('kiroku_host_disk_bytes', ['host', 'disk']));

/** As time the loop was busy, per second. */
export const eventLoopBusy = record(
  'kiroku:event_loop_busy:ratio5m',
  max(['service', 'instance'], rate(series('kiroku_event_loop_busy_seconds_total'), 5 * minutes)),
);
export const cacheHits = record(
  'kiroku:cache_hits:ratio5m',
  ratio(
    sum(['cache'], rate(series('kiroku_cache_lookups_total', { result: 'hit' }), 5 * minutes)),
    sum(['cache'], rate(series('kiroku_cache_lookups_total'), 5 * minutes)),
  ),
);

/** Every figure that Prometheus keeps, each after those it is made of. */
export const recordingRules: readonly RecordingRule[] = declared;
