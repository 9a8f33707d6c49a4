import { OperationsClient } from '@kiroku/client';
import type { ActionFilter, Job, JobControl, JobLine, ParkedKey, RecordedAction } from '@kiroku/core';
import {
  controlJobOf,
  type Installation,
  type JobFilter,
  listActions,
  listJobs,
  listParkedKeys,
  listProjections,
  type ParkedChoice,
  type PausedVersion,
  type Pausing,
  type ProjectionStatus,
  type ProjectionStores,
  pauseProjections,
  type SettledKey,
  type ShownProjection,
  settleParkedKeys,
  showJob,
  showProjection,
} from '@kiroku/operations';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { openProjections } from '../installation/open-projections.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';

/** The verbs that work on the databases of an installation or, through its gateway, from elsewhere. */
export interface Operations {
  listJobs(filter: JobFilter): Promise<readonly Job[]>;
  showJob(id: string, options: { readonly lines: number }): Promise<{ readonly job: Job; readonly lines: readonly JobLine[] }>;
  controlJob(id: string, control: JobControl): Promise<Job>;
  listActions(filter: ActionFilter): Promise<readonly RecordedAction[]>;
  listProjections(): Promise<readonly ProjectionStatus[]>;
  showProjection(name: string): Promise<ShownProjection>;
  pauseProjections(pausing: Pausing): Promise<readonly PausedVersion[]>;
  listParkedKeys(filter: { readonly projection?: string; readonly limit: number }): Promise<readonly ParkedKey[]>;
  settleParkedKeys(choice: ParkedChoice): Promise<readonly SettledKey[]>;
}

export interface RemoteFlag {
  /** URL of the gateway. */
  readonly remote?: string;
}

/** `--remote`, on every verb that the operations API has. */
export function remoteOption(): Option {
  return new Option('--remote <url>', 'through the gateway at this URL, instead of the databases').argParser(httpUrl);
}

/** Where a verb works: on the databases, or through the gateway. */
export async function operationsOf(command: Command): Promise<Operations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new OperationsClient({ url: flags.remote, operator: readOperator(flags) });
  return onDatabases(await installationOf(command));
}

function onDatabases(installation: Installation): Operations {
  const { operator } = installation;
  return {
    listJobs: (filter) => listJobs(installation, filter),
    showJob: (id, options) => showJob(installation, id, options),
    controlJob: (id, control) => controlJobOf(installation, id, control),
    listActions: (filter) => listActions(installation, filter),
    listProjections: () => withProjections(installation, (stores) => listProjections(stores)),
    showProjection: (name) => withProjections(installation, (stores) => showProjection(stores, name)),
    pauseProjections: (pausing) => withProjections(installation, (stores) => pauseProjections(stores, { ...pausing, operator })),
    listParkedKeys: (filter) => withProjections(installation, (stores) => listParkedKeys(stores, filter)),
    settleParkedKeys: (choice) => withProjections(installation, (stores) => settleParkedKeys(stores, { ...choice, operator })),
  };
}

async function withProjections<T>(installation: Installation, use: (stores: ProjectionStores) => Promise<T>): Promise<T> {
  await using stores = await openProjections(installation);
  return await use(stores);
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:4000.');
}
