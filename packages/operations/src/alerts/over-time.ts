import type { RangeFunction } from '../alert-rules/expression.ts';
import type { SampledSeries } from './sample-window.ts';

/** What a function of PromQL makes of the values of a series in the seconds before; `undefined`: too few. */
export function overTime(apply: RangeFunction, series: SampledSeries, at: number, seconds: number): number | undefined {
  const { values } = series;
  switch (apply) {
    case 'rate': {
      const grown = increaseOf(series, at, seconds);
      return grown === undefined ? undefined : grown / seconds;
    }
    case 'increase':
      return increaseOf(series, at, seconds);
    case 'changes':
      return values.filter((value, index) => index > 0 && !Object.is(value, values[index - 1])).length;
    case 'avg_over_time':
      return values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

/** As `extrapolatedRate` of Prometheus: from the values there are to the edges of the time, but not beyond where the counter was 0. */
function increaseOf({ times, values }: SampledSeries, at: number, seconds: number): number | undefined {
  const [firstTime, lastTime, first] = [times[0], times.at(-1), values[0]];
  if (values.length < 2 || firstTime === undefined || lastTime === undefined || first === undefined) return undefined;
  const grown = growth(values);
  const sampled = lastTime - firstTime;
  const between = sampled / (values.length - 1);
  const toStart = near(firstTime - (at - seconds), between);
  const toZero = grown > 0 && first >= 0 ? sampled * (first / grown) : toStart;
  const covered = sampled + Math.min(toStart, toZero) + near(at - lastTime, between);
  return grown * (covered / sampled);
}

/** A counter that is lower than before has begun anew at 0. */
function growth(values: readonly number[]): number {
  let [grown, before] = [0, values[0] ?? 0];
  for (const value of values.slice(1)) {
    grown += value < before ? value : value - before;
    before = value;
  }
  return grown;
}

/** An edge that is further away than values are from each other is no edge of the series. */
function near(distance: number, between: number): number {
  return distance >= between * 1.1 ? between / 2 : distance;
}
