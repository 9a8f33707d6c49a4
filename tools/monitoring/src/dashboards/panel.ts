import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Expression, promql } from '@kiroku/operations/alert-rules';

/** Units by the names that Grafana has for them. */
export type Unit = 's' | 'percentunit' | 'short' | 'reqps' | 'bytes';

/** A curve, or several that differ by labels: `legend` is a template of Grafana's, `{{service}}`. */
export interface Curve {
  readonly of: Expression;
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows and when to look closer, in a sentence. */
  readonly about: string;
  readonly unit: Unit;
  readonly curves: readonly Curve[];
  /** From here on, somebody is told: drawn red. */
  readonly limit?: number;
  /** Wrong below the limit, not above. */
  readonly wrongBelow?: boolean;
  /** As the present figure alone. */
  readonly single?: boolean;
}

export const datasource = { type: 'prometheus', uid: `\${datasource}` };
const widths = { curves: 12, single: 4 };
const heights = { curves: 8, single: 4 };

/** The panel of Grafana's model. Positions follow from the order of panels. */
export function panelBuilder({ title, about, unit, curves, limit, wrongBelow = false, single = false }: Panel) {
  const builder = single ? new StatBuilder() : new TimeSeriesBuilder();
  const kind = single ? 'single' : 'curves';
  builder.title(title).description(about).unit(unit).span(widths[kind]).height(heights[kind]).datasource(datasource);
  if (limit !== undefined) builder.thresholds(thresholds(limit, wrongBelow));
  for (const [index, { of, legend }] of curves.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCodePoint(65 + index))
      .expr(promql(of))
      .legendFormat(legend);
    builder.withTarget(query.datasource(datasource));
  }
  return builder;
}

function thresholds(limit: number, wrongBelow: boolean): ThresholdsConfigBuilder {
  const [first, second] = wrongBelow ? ['red', 'green'] : ['green', 'red'];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: first },
    { value: limit, color: second },
  ]);
}
