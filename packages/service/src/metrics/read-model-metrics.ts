import type { Application, ProjectionFigures, StoredFigures } from '@kiroku/core';
import type { Metrics } from './metrics.ts';

const states: readonly ProjectionFigures['state'][] = ['following', 'paused', 'stalled', 'orphaned', 'unbuilt'];

/** Tells how the read models are that this code declares, and how far the log is ahead of them, whoever moves them. */
export function tellOfReadModels(
  metrics: Metrics,
  { log, readModels }: Pick<StoredFigures, 'log' | 'readModels'>,
  { projections: declared }: Pick<Application, 'projections'>,
): void {
  metrics.figures({
    dependency: 'event_store',
    gauges: ['logPosition'],
    read: () => log.position(),
    tell: (position, set) => set('logPosition', position),
  });
  metrics.figures({
    dependency: 'query_db',
    gauges: ['projectionState', 'parkedKeys', 'spareBuilds'],
    read: () => readModels.read(declared),
    tell: (projections, set) => {
      for (const { name: projection, state, parkedKeys, spareBuilds } of projections) {
        for (const each of states) set('projectionState', each === state ? 1 : 0, { projection, state: each });
        set('parkedKeys', parkedKeys, { projection });
        set('spareBuilds', spareBuilds, { projection });
      }
    },
  });
  metrics.figures({
    gauges: ['projectionLagEvents', 'projectionLagSeconds'],
    read: async () => {
      const built = (await readModels.read(declared)).flatMap(({ name, position }) => (position === null ? [] : [{ name, position }]));
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
}
