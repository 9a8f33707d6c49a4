import { type Dashboard, grafanaDashboard } from './dashboard.ts';
import { host } from './host.ts';
import { logAndCommands } from './log-and-commands.ts';
import { overview } from './overview.ts';
import { readModels } from './read-models.ts';
import { safety } from './safety.ts';
import { sagas } from './sagas.ts';

const declared: readonly Dashboard[] = [overview, logAndCommands, readModels, sagas, safety, host];

/** All dashboards, by the names of their files. */
export function dashboards(): ReadonlyMap<string, object> {
  return new Map(declared.map((dashboard) => [dashboard.name, grafanaDashboard(dashboard)]));
}
