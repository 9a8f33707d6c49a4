import { dirname, resolve } from 'node:path';
import { type Installation, type KirokuConfig, type Operator, systemOperator } from '@kiroku/operations';
import {
  backupSettings,
  databaseSettings,
  databaseUrls,
  embeddedSettings,
  operatorSettings,
  optionalHttpUrls,
  port,
  readConfig,
  serviceSettings,
  supervisorSettings,
  workSettings,
} from '@kiroku/service/config';
import { z } from 'zod';
import { backupOf } from './backup-of.ts';
import { applicationModule, findConfig, loadConfig } from './load-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const settings = z.object({
  ...embeddedSettings.shape,
  ...databaseSettings.shape,
  ...serviceSettings.pick({ HOST: true, SHUTDOWN_TIMEOUT_MS: true, DRAIN_MS: true, HEALTH_CHECK_TIMEOUT_MS: true }).shape,
  ...workSettings.shape,
  ...supervisorSettings.shape,
  ...backupSettings.shape,
});

/** What the command line says besides the command. */
export interface GlobalFlags {
  readonly config?: string;
  /** Who; wins over the environment. */
  readonly as?: string;
  /** Why. */
  readonly reason?: string;
}

/** The installation that a command works on: the configuration file, and what the environment says. Throws `ConfigurationInvalid`. */
export async function readInstallation(flags: GlobalFlags, env: Environment = process.env): Promise<Installation> {
  const file = flags.config ?? findConfig(process.cwd());
  return describeInstallation(resolve(file), await loadConfig(file), env, flags);
}

/** Relative paths count from the configuration file, so that they mean the same wherever the command is called. */
export function describeInstallation(file: string, config: KirokuConfig, env: Environment, flags: GlobalFlags = {}): Installation {
  const root = dirname(file);
  const read = readConfig(settings, env);
  const portSettings = z.object(
    Object.fromEntries(
      config.services.map(({ name, port: byDefault, portVariable }) => [portVariable, port(byDefault, `Port of ${name}.`)]),
    ),
  );
  const ports: Record<string, number> = readConfig(portSettings, env);
  const named = config.services.flatMap(({ name, instancesVariable }) =>
    instancesVariable === undefined ? [] : [{ name, instancesVariable }],
  );
  const instancesSettings = z.object(
    Object.fromEntries(named.map(({ name, instancesVariable }) => [instancesVariable, optionalHttpUrls(`Each instance of ${name}.`)])),
  );
  const instances: Record<string, string[] | undefined> = readConfig(instancesSettings, env);
  const given = [read.DATABASE_URL, read.EVENT_STORE_DATABASE_URL, read.COMMAND_DATABASE_URL, read.QUERY_DATABASE_URL];
  return {
    root,
    config,
    applicationModule: applicationModule(file),
    dataDirectory: resolve(root, read.KIROKU_DATA_DIR),
    host: read.HOST,
    postgresPort: read.POSTGRES_PORT,
    databases: given.every((url) => url === undefined) ? undefined : databaseUrls(read),
    ports: Object.fromEntries(config.services.map(({ name, port: byDefault, portVariable }) => [name, ports[portVariable] ?? byDefault])),
    instanceUrls: Object.fromEntries(
      named.flatMap(({ name, instancesVariable }) => {
        const urls = instances[instancesVariable];
        return urls === undefined ? [] : [[name, urls]];
      }),
    ),
    backup: backupOf(read, root),
    operator: readOperator(flags, env),
    stopTimeoutMs: read.SHUTDOWN_TIMEOUT_MS + read.DRAIN_MS,
    hangTimeoutMs: read.HANG_TIMEOUT_SECONDS * 1_000,
    workLimits: { maxDelaySeconds: read.WORK_MAX_DELAY_SECONDS },
    answerTimeoutMs: read.HEALTH_CHECK_TIMEOUT_MS * 2.5, // the gateway asks services, which ask databases
    environment: env,
  };
}

/** On whose behalf the command line works. */
export function readOperator({ as, reason }: GlobalFlags, env: Environment = process.env): Operator {
  const { KIROKU_OPERATOR: named } = readConfig(operatorSettings, env);
  return { name: as ?? named ?? systemOperator(), source: 'command line', ...(reason !== undefined && { reason }) };
}
