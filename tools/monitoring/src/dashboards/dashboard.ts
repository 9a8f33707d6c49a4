import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Dashboard as GrafanaDashboard,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type Panel, panelBuilder } from './panel.ts';

export interface Dashboard {
  /** Name of its file, and of its address in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** The dashboard in Grafana's model (schema 42), for any data source of type Prometheus. */
export function grafanaDashboard({ name, title, rows }: Dashboard): GrafanaDashboard {
  const builder = new DashboardBuilder(`Kiroku: ${title}`)
    .uid(`kiroku-${name}`)
    .tags(['kiroku'])
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .link(new DashboardLinkBuilder('Kiroku').type(DashboardLinkType.Dashboards).tags(['kiroku']).asDropdown(true).keepTime(true));
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) builder.withPanel(panelBuilder(panel));
  }
  return numbered(builder.build());
}

/** Grafana tells panels apart by number. */
function numbered(dashboard: GrafanaDashboard): GrafanaDashboard {
  return { ...dashboard, panels: (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
}
