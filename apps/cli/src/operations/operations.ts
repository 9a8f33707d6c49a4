import { OperationsClient } from '@kiroku/client';
import type { ActionFilter, Job, JobControl, JobLine, RecordedAction } from '@kiroku/core';
import { controlJobOf, type Installation, type JobFilter, listActions, listJobs, showJob } from '@kiroku/operations';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';

/** The verbs that work on the databases of an installation or, through its gateway, from elsewhere. */
export interface Operations {
  listJobs(filter: JobFilter): Promise<readonly Job[]>;
  showJob(id: string, options: { readonly lines: number }): Promise<{ readonly job: Job; readonly lines: readonly JobLine[] }>;
  controlJob(id: string, control: JobControl): Promise<Job>;
  listActions(filter: ActionFilter): Promise<readonly RecordedAction[]>;
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
  return {
    listJobs: (filter) => listJobs(installation, filter),
    showJob: (id, options) => showJob(installation, id, options),
    controlJob: (id, control) => controlJobOf(installation, id, control),
    listActions: (filter) => listActions(installation, filter),
  };
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:4000.');
}
