import type { Application } from '@kiroku/core';
import { LogFigures, type ProjectionFigures, ReadModelFigures } from '@kiroku/postgres';
import type { Metrics } from '@kiroku/service';

export interface ReadModelMetricsOptions {
  readonly metrics: Metrics;
  readonly urls: { readonly event_store: string; readonly query_db: string };
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly application: Pick<Application, 'projections'>;
}

const states: readonly ProjectionFigures['state'][] = ['following', 'paused', 'stalled', 'orphaned', 'unbuilt'];

/** Tells how the read models are that this code declares, and how far the log is ahead of them, whoever moves them. Returns what to close. */
export function tellOfReadModels({ metrics, urls, applicationName, application }: ReadModelMetricsOptions): AsyncDisposable {
  const log = new LogFigures({ url: urls.event_store, applicationName });
  const readModels = new ReadModelFigures({ url: urls.query_db, applicationName });
  metrics.figures({
    dependency: 'event_store',
    gauges: ['logPosition'],
    read: () => log.position(),
    tell: (position, set) => set('logPosition', position),
  });
  metrics.figures({
    dependency: 'query_db',
    gauges: ['projectionState', 'parkedKeys'],
    read: () => readModels.read(application.projections),
    tell: (projections, set) => {
      for (const { name: projection, state, parkedKeys } of projections) {
        for (const each of states) set('projectionState', each === state ? 1 : 0, { projection, state: each });
        set('parkedKeys', parkedKeys, { projection });
      }
    },
  });
  metrics.figures({
    gauges: ['projectionLagEvents', 'projectionLagSeconds'],
    read: async () => {
      const built = (await readModels.read(application.projections)).flatMap(({ name, position }) =>
        position === null ? [] : [{ name, position }],
      );
      const lags = await log.lags(built.map(({ position }) => position)); // after the positions: none looks ahead
      return built.map(({ name }, index) => ({ name, lag: lags[index] }));
    },
    tell: (projections, set) => {
      for (const { name: projection, lag } of projections) {
        if (lag === undefined) continue;
        set('projectionLagEvents', lag.events, { projection });
        set('projectionLagSeconds', lag.seconds, { projection });
      }
    },
  });
  return { [Symbol.asyncDispose]: async () => void (await Promise.all([log[Symbol.asyncDispose](), readModels[Symbol.asyncDispose]()])) };
}
