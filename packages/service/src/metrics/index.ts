export { catalog } from './catalog.ts';
export type { MetricDefinition, ServiceName } from './metric-definition.ts';
