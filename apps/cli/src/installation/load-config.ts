import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Application, KirokuError } from '@kiroku/core';
import type { ApplicationModule, KirokuConfig } from '@kiroku/operations';

const fileNames = ['kiroku.config.ts', 'kiroku.config.mts', 'kiroku.config.js', 'kiroku.config.mjs'];

/** The configuration file in a directory or the nearest one above it. Throws `ConfigurationInvalid` if there is none. */
export function findConfig(from: string, exists: (file: string) => boolean = existsSync): string {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = fileNames.map((name) => join(directory, name)).find(exists);
    if (found !== undefined) return found;
    if (directory === dirname(directory)) break;
  }
  throw new KirokuError(
    'ConfigurationInvalid',
    `There is no kiroku.config.ts in ${resolve(from)} or above, so it is not known which application to work on. Go to its directory, or give --config FILE.`,
  );
}

/** Loads a configuration file, TypeScript or not. Throws `ConfigurationInvalid` if it cannot be loaded or is not what `defineConfig` returns. */
export async function loadConfig(file: string): Promise<KirokuConfig> {
  if (!existsSync(file)) throw new KirokuError('ConfigurationInvalid', `There is no file ${file}. Give --config the configuration file.`);
  // deps are loaded by Node itself, so that there is one copy of each module: ours and the configuration's
  const { createJiti } = await import('jiti'); // with its compiler, half a second where it is not needed
  const jiti = createJiti(import.meta.url, { tryNative: true, fsCache: cacheFor(file) });
  const config = await jiti.import(resolve(file), { default: true }).catch((cause: unknown) => {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    const hint = explainsItself(cause) ? '' : ' (If something is not built: `npm run build`.)';
    const message = `${file} cannot be loaded: ${reason}${hint}`;
    throw new KirokuError('ConfigurationInvalid', message, { cause });
  });
  if (isConfig(config)) return config;
  throw new KirokuError('ConfigurationInvalid', `${file} has no default export made with defineConfig({ name, application, services }).`);
}

/** What is declared wrongly says so. By name: the configuration may have a copy of the class of its own. */
function explainsItself(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'KirokuError';
}

/** Compiled once for each content: the compiler takes 0.3 s. Not in a directory for temporary files, where somebody else might put code. */
function cacheFor(file: string): string | false {
  const modules = join(dirname(resolve(file)), 'node_modules');
  return existsSync(modules) && join(modules, '.cache/kiroku');
}

/** The application of a configuration file: what threads call. */
export async function loadApplication(file: string): Promise<Application> {
  return (await loadConfig(file)).application;
}

/** Where threads find the application of a configuration file. */
export function applicationModule(file: string): ApplicationModule {
  return { module: import.meta.url, export: loadApplication.name, argument: file };
}

function isConfig(value: unknown): value is KirokuConfig {
  return typeof value === 'object' && value !== null && 'name' in value && 'application' in value && 'services' in value;
}
