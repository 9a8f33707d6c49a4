import { type Application, KirokuError } from '@kiroku/core';

/** A service that `kiroku up` runs as a process of its own. */
export interface ServiceConfig {
  readonly name: string;
  /** The built program, from the directory of the configuration file: `./apps/shop/bundle/main.js`. */
  readonly entry: string;
  readonly port: number;
  /** The environment variable that sets another port, `…_PORT`. Every service gets it, and the URL as `…_URL`. */
  readonly portVariable: `${string}_PORT`;
  /** The environment variable that names its instances, if there are several: the verbs that ask processes ask each. Nothing is started for it. */
  readonly instancesVariable?: string;
  /** It keeps answers in its memory, and has the routes of `cacheRoutes`: the verbs of `kiroku cache` ask it. Default false. */
  readonly keepsAnswers?: boolean;
  /** More variables for this service. What the environment says wins. */
  readonly env?: { readonly [name: string]: string };
}

/** Where each service listens, by name: `http://127.0.0.1:4000`. */
export type ServiceUrls = { readonly [service: string]: string };

export interface KirokuConfig {
  readonly name: string;
  readonly application: Application;
  /** In the order in which they start; they stop in the reverse order. */
  readonly services: readonly ServiceConfig[];
  /** Called after the first start. It must be safe to repeat: it goes through the public API with command ids that are always the same. */
  readonly seed?: (urls: ServiceUrls) => Promise<void>;
  /** Lines that tell people what to look at, shown when everything is ready. */
  readonly welcome?: (urls: ServiceUrls) => readonly string[];
}

/** Declares how an application is run. Throws `DefinitionInvalid` if two services have the same name, port or variable. */
export function defineConfig(config: KirokuConfig): KirokuConfig {
  for (const key of ['name', 'port', 'portVariable'] as const) {
    const values = config.services.map((service) => service[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new KirokuError('DefinitionInvalid', `Two services of ${config.name} have the ${key} ${twice}. Give one of them another.`);
    }
  }
  return config;
}
