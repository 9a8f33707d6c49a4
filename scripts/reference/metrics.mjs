// docs/reference/metrics.md, from the catalog of the services.
import { catalog } from '@kiroku/service/metrics';

const of = (metric) => (metric.of === 'every service' ? 'all' : metric.of.join(', '));
const rows = Object.values(catalog)
  .toSorted((a, b) => a.name.localeCompare(b.name))
  .map((metric) => {
    const labels = metric.labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${metric.name}\` | ${metric.kind} | ${labels} | ${of(metric)} | ${metric.help} |`;
  });

export const page = `# Metrics

\`GET /metrics\` on 4000, 4001 and 4002, in the text format of Prometheus. Every series has the label \`service\`. Times are seconds, sizes bytes.
No label takes its values from what users send: routes are patterns, commands and codes those that are declared; where code chooses a value freely, the 200 first
different ones are told apart and the others are \`other\`. What comes from a database is asked for at the scrape, at most once in three seconds, with a second to answer.

| Metric | Kind | Labels | Service | What it is |
|---|---|---|---|---|
${rows.join('\n')}

Besides, each service exports what \`prom-client\` knows of a Node process: \`process_*\` (processor time, memory, file descriptors, start time) and \`nodejs_*\` (heap,
garbage collection, handles).
`;
