// Preloaded into the services of a shop that is not observed: `node --import`. What wraps a port or a server to observe it is left away, by putting another
// module in its place; the rest of the program is the same.
import { existsSync } from 'node:fs';
import { register } from 'node:module';

const asItIs = (name: string) => `export const ${name} = (observed) => observed;`;
const nothing = (name: string) => `export const ${name} = () => undefined;`;
const handlerAsItIs = (name: string) => `export const ${name} = ({ handle }) => handle;`;

const sources: Readonly<Record<string, string>> = {
  'packages/service/dist/logging/log-context.js': `export const withLogContext = (context, run) => run(); ${['logContext', 'idsOf', 'followContexts', 'followsCheaply'].map(nothing).join(' ')}`,
  'packages/service/dist/metrics/observed-event-store.js': asItIs('observedEventStore'),
  'packages/service/dist/metrics/observed-process-managers.js': asItIs('observedProcessManagers'),
  'packages/service/dist/metrics/observed-handler.js': handlerAsItIs('observedHandler'),
  'packages/service/dist/metrics/http-metrics.js': nothing('countRequests'),
  'packages/service/dist/metrics/event-loop-metrics.js': nothing('tellOfEventLoop'),
  'packages/engine/dist/audit-commands/audited-handler.js': `${handlerAsItIs('auditedHandler')} ${nothing('unrecordedCommand')}`,
  'apps/command-service/dist/logged-handler.js': handlerAsItIs('loggedHandler'),
};

const root = new URL('../../', import.meta.url);
const replaced = Object.entries(sources).map(([path, source]) => {
  const { href, pathname } = new URL(path, root);
  if (!existsSync(pathname))
    throw new Error(`There is no ${path} any more: say in bench/src/without-observation.ts what has taken its place.`);
  return [href, source] as const;
});
register('./replaced-modules.js', import.meta.url, { data: new Map(replaced) });
