import { describe, expect, test } from 'vitest';
import { AlertEvaluation } from './alert-evaluation.ts';

const url = 'http://127.0.0.1:4001';

/** What a service exports, look after look, 15 seconds apart; a reason instead: it does not answer. */
function seen(...answers: readonly (string | { readonly reason: string })[]) {
  const evaluation = new AlertEvaluation();
  for (const [look, answer] of answers.entries()) {
    const told = typeof answer === 'string' ? { text: answer } : answer;
    evaluation.observe({ at: look * 15, time: `${look * 15} s` }, [{ service: 'command-service', url, answer: told }]);
  }
  const report = evaluation.report();
  const states = Object.fromEntries(report.alerts.map(({ name, state, since }) => [name, `${state} since ${since}`]));
  return { ...report, states };
}
const times = <T>(count: number, of: T): readonly T[] => Array.from({ length: count }, () => of);
const gone = { reason: 'nothing answers (ECONNREFUSED)' };
const parked = (keys: number | string) => `kiroku_projection_parked_keys{projection="orders"} ${keys}\n`;

describe('an alert', () => {
  test('is pending until it has held for its time, then it fires', () => {
    expect(seen(...times(4, parked(2))).states.KirokuKeysParked).toBe('pending since 0 s');
    expect(seen(...times(5, parked(2))).states.KirokuKeysParked).toBe('firing since 60 s');
    expect(seen(...times(9, parked(2))).states.KirokuKeysParked).toBe('firing since 60 s');
  });

  test('tells how it is now, and that as long as it is told after it has ended', () => {
    const summaries = (report: ReturnType<typeof seen>) => report.alerts.map(({ summary }) => summary);
    expect(summaries(seen(parked(2), parked(7)))).toEqual([expect.stringContaining('has 7 parked keys')]);
    expect(summaries(seen(...times(5, parked(2)), parked(7), parked(0)))).toEqual([expect.stringContaining('has 7 parked keys')]);
  });

  test('that held for less than its time was none', () => {
    expect(seen(...times(4, parked(2)), parked(0), ...times(4, parked(2))).states.KirokuKeysParked).toBe('pending since 75 s');
  });

  test('that fired is resolved when it holds no longer, and forgotten after a quarter of an hour', () => {
    expect(seen(...times(5, parked(2)), parked(0)).states.KirokuKeysParked).toBe('resolved since 75 s');
    expect(seen(...times(5, parked(2)), ...times(61, parked(0))).states.KirokuKeysParked).toBe('resolved since 75 s');
    expect(seen(...times(5, parked(2)), ...times(62, parked(0))).states.KirokuKeysParked).toBeUndefined();
  });

  test('that fires is told before one that does not yet, and since when anybody has looked', () => {
    const [fires, holds] = [parked(1), `${parked(1)}kiroku_projection_parked_keys{projection="customers"} 1\n`];
    const { alerts, at, watchedSince } = seen(...times(5, fires), holds);
    expect(alerts.map(({ labels, state }) => [labels.projection, state])).toEqual([
      ['orders', 'firing'],
      ['customers', 'pending'],
    ]);
    expect([watchedSince, at]).toEqual(['0 s', '75 s']);
  });

  test('that comes again has a time of its own', () => {
    expect(seen(...times(5, parked(2)), parked(0), parked(1)).states.KirokuKeysParked).toBe('pending since 90 s');
  });

  test('of a service that crashes again and again fires, however much each of its processes had done by then', () => {
    const process = (begun: number, busy: number) => `process_start_time_seconds ${begun}\nkiroku_event_loop_busy_seconds_total ${busy}\n`;
    const [first, second, third, fourth] = [process(1_000, 1.1), process(1_020, 1.2), process(1_040, 1.2), process(1_060, 1.3)];
    expect(seen(first, second, third).states.KirokuRestarting).toBeUndefined();
    expect(seen(first, second, third, fourth).states.KirokuRestarting).toBe('firing since 45 s');
  });

  test('says in words what is wrong, and where to read on', () => {
    expect(seen(parked(2)).alerts).toEqual([
      {
        name: 'KirokuKeysParked',
        severity: 'warning',
        state: 'pending',
        labels: { projection: 'orders' },
        summary: expect.stringContaining('The projection orders has 2 parked keys'),
        since: '0 s',
        runbook: 'projection-parked.md',
      },
    ]);
  });
});

test('rules that nobody tells anything of are named, with what is missing', () => {
  const { withoutData } = seen(parked(0));
  expect(withoutData).toContainEqual({ name: 'KirokuDeadLetters', metrics: ['kiroku_consumer_messages'] });
  const names = withoutData.map(({ name }) => name);
  for (const told of ['KirokuKeysParked', 'KirokuServiceDown', 'KirokuUnwatched']) expect(names).not.toContain(told);
  expect(seen(parked(0), gone).withoutData.map(({ name }) => name)).toContain('KirokuKeysParked');
});

test('a rule needs all that it is about, and not what would silence it', () => {
  const missing = (text: string, rule: string) => seen(text).withoutData.find(({ name }) => name === rule)?.metrics;
  expect(missing('kiroku_health_part_up{service="a",part="jobs"} 1\n', 'KirokuJobsStalled')).toBeUndefined();
  expect(missing('', 'KirokuJobsStalled')).toEqual(['kiroku_health_part_up']);
  const buckets = 'kiroku_http_request_duration_seconds_bucket{service="a",le="+Inf"} 1\n';
  expect(missing(buckets, 'KirokuSlow')).toEqual(['kiroku_http_request_duration_seconds_count']);
});

describe('a service', () => {
  test('that does not answer is an alert by itself, with the reason', () => {
    const { states, services } = seen(...times(5, gone));
    expect(states.KirokuServiceDown).toBe('firing since 60 s');
    expect(services).toEqual([{ service: 'command-service', url, up: false, reason: 'nothing answers (ECONNREFUSED)' }]);
  });

  test('that answers with something else than metrics is down, too', () => {
    const { states, services } = seen(...times(5, '<html>Welcome</html>'));
    expect(states.KirokuServiceDown).toBe('firing since 60 s');
    expect(services[0]).toMatchObject({ up: false, reason: expect.stringContaining('line 1 of its metrics') });
  });

  test('that is gone is said to be gone, and nothing else is said about it', () => {
    expect(seen(...times(5, parked(2)), gone).states).toEqual({
      KirokuServiceDown: 'pending since 75 s',
      KirokuKeysParked: 'resolved since 75 s',
    });
  });

  test('whose database is gone exports no figures of it: that is the alert, and the missing figures are none', () => {
    const figures = 'kiroku_outbox_oldest_seconds 1000\nkiroku_timers_overdue_seconds{process_manager="a"} 1000\n';
    const up = (value: number) => `kiroku_dependency_up{service="command-service",dependency="command_db"} ${value}\n`;
    expect(seen(...times(9, `${figures}${up(1)}`), ...times(5, up(0))).states).toEqual({
      KirokuDatabaseDown: 'firing since 195 s',
      KirokuOutboxOverdue: 'resolved since 135 s',
      KirokuTimersOverdue: 'resolved since 135 s',
    });
  });
});

describe('figures', () => {
  test('that are no number are no alert', () => {
    expect(seen(...times(9, parked('NaN'))).alerts).toEqual([]);
  });

  test('that begin anew, because the process did, are counted on from 0', () => {
    const faults = (count: number) =>
      `kiroku_http_requests_total{service="a",status="5xx"} ${count}\nkiroku_http_requests_total{service="a",status="2xx"} 0\n`;
    expect(seen(...[1_000, 1_002, 2, 3].map(faults)).states.KirokuRequestsFail).toBeDefined();
    expect(seen(...[1_000, 1_001, 1, 1].map(faults)).states.KirokuRequestsFail).toBeUndefined();
  });
});
