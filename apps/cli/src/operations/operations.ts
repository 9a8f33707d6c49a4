import { OperationsClient } from '@kiroku/client';
import type { Job, JobControl, ParkedKey } from '@kiroku/core';
import {
  chosenProjections,
  controlJobOf,
  type Installation,
  type JobFilter,
  type LinesToShow,
  listJobs,
  listParkedKeys,
  listProjections,
  type ParkedChoice,
  type ParkedFilter,
  type PausedVersion,
  type Pausing,
  type ProjectionStatus,
  type ProjectionStores,
  pauseProjections,
  planRebuild,
  planRetire,
  planRollback,
  planSwitch,
  queueProjectionVerify,
  queueRebuild,
  type RebuildPlan,
  type RetireChoice,
  type RetirePlan,
  retireBuilds,
  type SettledKey,
  type ShownJob,
  type ShownProjection,
  type SwitchPlan,
  settleParkedKeys,
  showJob,
  showProjection,
  switchProjection,
  verifiable,
} from '@kiroku/operations';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { openProjections } from '../installation/open-projections.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';

/** The verbs that work on the databases of an installation or, through its gateway, from elsewhere. */
export interface Operations {
  listJobs(filter: JobFilter): Promise<readonly Job[]>;
  showJob(id: string, wanted: LinesToShow): Promise<ShownJob>;
  controlJob(id: string, control: JobControl): Promise<Job>;
  listProjections(): Promise<readonly ProjectionStatus[]>;
  showProjection(name: string): Promise<ShownProjection>;
  pauseProjections(pausing: Pausing): Promise<readonly PausedVersion[]>;
  listParkedKeys(filter: ParkedFilter): Promise<readonly ParkedKey[]>;
  settleParkedKeys(choice: ParkedChoice): Promise<readonly SettledKey[]>;
  planSwitch(name: string, choice: { readonly build?: number }): Promise<SwitchPlan>;
  switchProjection(name: string, choice: { readonly build?: number; readonly force?: boolean }): Promise<SwitchPlan>;
  planRollback(name: string): Promise<SwitchPlan>;
  rollbackProjection(name: string, choice: { readonly force?: boolean }): Promise<SwitchPlan>;
  planRetire(name: string, choice: Omit<RetireChoice, 'name'>): Promise<RetirePlan>;
  retireProjection(name: string, choice: Omit<RetireChoice, 'name'>): Promise<RetirePlan>;
  planRebuild(wanted: WantedRebuild): Promise<RebuildPlan>;
  /** Leaves it to a process that runs jobs, as the next. */
  rebuildProjections(wanted: WantedRebuild): Promise<Job>;
  verifyProjections(wanted: WantedVerify): Promise<Job>;
}

type WantedVerify = Parameters<OperationsClient['verifyProjections']>[0];
export type WantedRebuild = Parameters<OperationsClient['rebuildProjections']>[0];

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
    showJob: (id, wanted) => showJob(installation, id, wanted),
    controlJob: (id, control) => controlJobOf(installation, id, control),
    listProjections: () => withProjections(installation, (stores) => listProjections(stores)),
    showProjection: (name) => withProjections(installation, (stores) => showProjection(stores, name)),
    pauseProjections: (pausing) => withProjections(installation, (stores) => pauseProjections(stores, { ...pausing, operator })),
    listParkedKeys: (filter) => withProjections(installation, (stores) => listParkedKeys(stores, filter)),
    settleParkedKeys: (choice) => withProjections(installation, (stores) => settleParkedKeys(stores, { ...choice, operator })),
    planSwitch: (name, choice) => withProjections(installation, (stores) => planSwitch(stores, { name, ...choice })),
    switchProjection: (name, { force = false, ...choice }) =>
      withProjections(installation, async (stores) => {
        const plan = await planSwitch(stores, { name, ...choice });
        return switchProjection(stores, { plan, verb: 'projection switch', force, operator });
      }),
    planRollback: (name) => withProjections(installation, (stores) => planRollback(stores, name)),
    rollbackProjection: (name, { force = false }) =>
      withProjections(installation, async (stores) => {
        const plan = await planRollback(stores, name);
        return switchProjection(stores, { plan, verb: 'projection rollback', force, operator });
      }),
    planRetire: (name, choice) => withProjections(installation, (stores) => planRetire(stores, { name, ...choice })),
    retireProjection: (name, choice) =>
      withProjections(installation, async (stores) => {
        const plan = await planRetire(stores, { name, ...choice });
        await retireBuilds(stores, { plan, operator });
        return plan;
      }),
    planRebuild: ({ projections, ...wanted }) =>
      withProjections(installation, (stores) => planRebuild(stores, { ...wanted, ...chosen(projections) })),
    rebuildProjections: ({ projections, ...wanted }) =>
      withProjections(installation, async (stores) => {
        const { names, all } = chosen(projections);
        const found = chosenProjections(stores, names, all).map(({ name, version }) => ({ name, version }));
        return queueRebuild(stores, { wanted: { ...wanted, projections: found }, operator });
      }),
    verifyProjections: ({ projections: names, ...wanted }) =>
      withProjections(installation, async (stores) => {
        const projections = verifiable(stores, names === 'all' ? [] : names);
        return queueProjectionVerify(stores, { wanted: { ...wanted, projections }, operator });
      }),
  };
}

function chosen(projections: readonly string[] | 'all'): { readonly names: readonly string[]; readonly all: boolean } {
  return projections === 'all' ? { names: [], all: true } : { names: projections, all: false };
}

async function withProjections<T>(installation: Installation, use: (stores: ProjectionStores) => Promise<T>): Promise<T> {
  await using stores = await openProjections(installation);
  return await use(stores);
}

function httpUrl(text: string): string {
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:4000.');
}
