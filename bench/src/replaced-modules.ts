// Hooks for Node's module loader, run in a thread of its own: https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks
import type { InitializeHook, LoadHook } from 'node:module';

let sources: ReadonlyMap<string, string> = new Map();

/** Sources by the URL of the module that they take the place of. */
export const initialize: InitializeHook<ReadonlyMap<string, string>> = async (given) => {
  sources = given;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const source = sources.get(url);
  return source === undefined ? nextLoad(url, context) : { format: 'module', source, shortCircuit: true };
};
