import type { SafetyAge, StoredFigures } from '@kiroku/core';
import { describe, expect, it } from 'vitest';
import { Metrics } from './metrics.ts';
import { tellOfReadModels } from './read-model-metrics.ts';
import { tellOfSafety } from './safety-metrics.ts';
import { tellOfWork } from './work-metrics.ts';

/** Every series that a scrape has, without what Node and the process tell. */
async function scraped(tell: (metrics: Metrics) => void): Promise<Record<string, number>> {
  const metrics = new Metrics({ service: 'shop' });
  tell(metrics);
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('kiroku_') && !line.startsWith('kiroku_event_loop'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, series = '', value] = /^kiroku_(.*) (.*)$/.exec(line) ?? [];
      return [series.replace(/,?service="shop"/, '').replace('{}', ''), Number(value)];
    }),
  );
}

const log: StoredFigures['log'] = {
  position: async () => 9,
  partitionsAhead: async () => 2,
  lags: async (positions) => positions.map((position) => ({ events: 9 - position, seconds: (9 - position) / 10 })),
};

it('what waits is told of each process manager, consumer and job, by its name', async () => {
  const work: StoredFigures['work'] = {
    waiting: async ([name = '']) => ({
      sagas: [{ name, open: 5, stuck: 1 }],
      outgoing: { waiting: 4, oldestSeconds: 30, parked: 2 },
      timers: [{ name, waiting: 7, overdue: 3, overdueSeconds: 20 }],
      consumers: [{ name: 'crm', waiting: 11, queued: 12, dead: 13 }],
      failedJobs: 6,
    }),
    positions: async ([name = '']) => [
      { kind: 'processManager', name, position: 8 },
      { kind: 'consumer', name: 'crm', position: 5 },
    ],
  };
  const processManagers = [{ name: 'billing' }] as never; // only the names are looked at
  expect(await scraped((metrics) => tellOfWork(metrics, { log, work }, { processManagers }))).toEqual({
    log_position: 9,
    log_partitions_ahead: 2,
    'dependency_up{dependency="event_store"}': 1,
    'dependency_up{dependency="command_db"}': 1,
    'sagas_open{process_manager="billing"}': 5,
    'sagas_stuck{process_manager="billing"}': 1,
    outbox_waiting: 4,
    outbox_parked: 2,
    outbox_oldest_seconds: 30,
    'timers_waiting{process_manager="billing"}': 7,
    'timers_overdue{process_manager="billing"}': 3,
    'timers_overdue_seconds{process_manager="billing"}': 20,
    'consumer_messages{consumer="crm",state="waiting"}': 11,
    'consumer_messages{consumer="crm",state="queued"}': 12,
    'consumer_messages{consumer="crm",state="dead"}': 13,
    jobs_failed: 6,
    'process_manager_lag_events{process_manager="billing"}': 1,
    'process_manager_lag_seconds{process_manager="billing"}': 0.1,
    'consumer_lag_events{consumer="crm"}': 4,
    'consumer_lag_seconds{consumer="crm"}': 0.4,
  });
});

it('a projection is in one state, and one that is not built has no lag', async () => {
  const readModels: StoredFigures['readModels'] = {
    read: async () => [
      { name: 'orders', state: 'stalled', position: 7, parkedKeys: 3, spareBuilds: 1 },
      { name: 'customers', state: 'unbuilt', position: null, parkedKeys: 0, spareBuilds: 0 },
    ],
  };
  const told = await scraped((metrics) => tellOfReadModels(metrics, { log, readModels }, { projections: [] }));
  const states = Object.entries(told).filter(([series]) => series.startsWith('projection_state'));
  expect(states).toHaveLength(10);
  expect(states.filter(([, value]) => value === 1).map(([series]) => series)).toEqual([
    'projection_state{projection="orders",state="stalled"}',
    'projection_state{projection="customers",state="unbuilt"}',
  ]);
  const others = Object.fromEntries(Object.entries(told).filter(([series]) => /^projection_(?!state)/.test(series)));
  expect(others).toEqual({
    'projection_lag_events{projection="orders"}': 2,
    'projection_lag_seconds{projection="orders"}': 0.2,
    'projection_parked_keys{projection="orders"}': 3,
    'projection_parked_keys{projection="customers"}': 0,
    'projection_spare_builds{projection="orders"}': 1,
    'projection_spare_builds{projection="customers"}': 0,
  });
});

describe('how safe what is stored is', () => {
  const told = async (...ages: readonly SafetyAge[]) => {
    const safety: StoredFigures['safety'] = {
      ages: async () => ages,
      loggingForSeconds: async () => 500,
      archives: async () => [
        { database: 'event_store', failing: true, lagSeconds: 60 },
        { database: 'query_db', failing: false, lagSeconds: 0 },
      ],
      otherHistories: async () => ({ processManagers: 1, consumers: 2, readModels: 3 }),
    };
    return scraped((metrics) => tellOfSafety(metrics, { safety }));
  };
  const always = {
    'archive_lag_seconds{database="event_store"}': 60,
    'archive_lag_seconds{database="query_db"}': 0,
    'archive_failing{database="event_store"}': 1,
    'archive_failing{database="query_db"}': 0,
    'other_history{part="process managers"}': 1,
    'other_history{part="consumers"}': 2,
    'other_history{part="read models"}': 3,
  };
  const backup = { kind: 'backup', goodSeconds: 40, lastWentWell: true, rtoSeconds: null, rpoSeconds: null } as const;
  const drill = { kind: 'drill', goodSeconds: 90, lastWentWell: false, rtoSeconds: 12, rpoSeconds: 3 } as const;

  it('is that a backup is missing for as long as there are events, until one went well', async () => {
    expect(await told()).toEqual({ ...always, backup_missing_seconds: 500 });
    const failed = { ...backup, goodSeconds: null, lastWentWell: false };
    expect(await told(failed)).toEqual({ ...always, backup_missing_seconds: 500, backup_went_well: 0 });
    expect(await told(backup)).toEqual({ ...always, backup_missing_seconds: 0, backup_went_well: 1, backup_age_seconds: 40 });
  });

  it('is how old the latest good drill is, what it measured, and whether the latest went well, if any could be tried', async () => {
    const told90 = { ...always, backup_missing_seconds: 500, drill_age_seconds: 90 };
    expect(await told(drill)).toEqual({ ...told90, drill_went_well: 0, drill_rto_seconds: 12, drill_rpo_seconds: 3 });
    expect(await told({ ...drill, lastWentWell: null, rtoSeconds: null, rpoSeconds: null })).toEqual(told90);
  });
});
