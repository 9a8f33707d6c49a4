import { stringify } from 'yaml';
import { dashboards } from './dashboards/dashboards.ts';
import { ruleFile } from './rule-file.ts';
import { ruleTests } from './rule-tests.ts';

const made = 'Made by `scripts/generate-monitoring.mjs` of packages/operations/src/alert-rules. Do not edit.';
const rulesName = 'kiroku.rules.yml';

/** What is made for Prometheus and Grafana, by the place of each file in docs/operations. */
export function monitoringFiles(): ReadonlyMap<string, string> {
  return new Map([
    [`prometheus/${rulesName}`, yaml(ruleFile())],
    ['prometheus/kiroku.rules.test.yml', yaml(ruleTests(rulesName))],
    ...[...dashboards()].map(([name, dashboard]): [string, string] => [`grafana/${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]),
  ]);
}

function yaml(content: object): string {
  return `# ${made}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
