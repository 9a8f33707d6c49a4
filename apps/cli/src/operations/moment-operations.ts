import { MomentsClient } from '@kiroku/client';
import type { Job } from '@kiroku/core';
import {
  connectionUrls,
  diffMoments,
  dropMoment,
  type Installation,
  listMoments,
  type Moment,
  type MomentFilter,
  type OperatingStores,
  type Operator,
  openOperatingStores,
  openReplayStores,
  planReplay,
  queueReplay,
  type ReplayChoice,
  type ReplayPlan,
  type ReplayStores,
  type RowDifference,
  requireMoment,
  type TableDifference,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { keysOf } from '../installation/keys-of.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';
import { patientFetch } from './patient-fetch.ts';

/** What is compared, and who gets the differences. */
export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly names: readonly string[];
  readonly onDifferences: (differences: readonly RowDifference[]) => void;
  /** Rows of each table at most that come through the gateway. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** The verbs on moments: on the databases of an installation or, through its gateway, from elsewhere. */
export interface MomentOperations {
  listMoments(filter: MomentFilter): Promise<readonly Moment[]>;
  showMoment(name: string): Promise<Moment>;
  planReplay(choice: ReplayChoice): Promise<ReplayPlan>;
  /** Leaves it to a process that runs jobs. */
  queueReplay(choice: ReplayChoice): Promise<Job>;
  diffMoments(comparison: Comparison): Promise<readonly TableDifference[]>;
  dropMoment(name: string): Promise<Moment>;
}

/** A comparison of large moments takes its time, and so may a plan, or dropping one. */
const patientMs = 600_000;

/** Where a verb works: on the databases, or through the gateway. */
export async function momentOperationsOf(command: Command): Promise<MomentOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return throughGateway({ url: flags.remote, operator: readOperator(flags) });
  return onDatabases(await installationOf(command));
}

function throughGateway(options: { readonly url: string; readonly operator: Operator }): MomentOperations {
  const client = new MomentsClient(options);
  const patient = new MomentsClient({ ...options, timeoutMs: patientMs, fetch: patientFetch });
  return {
    listMoments: (filter) => client.listMoments(filter),
    showMoment: (name) => client.showMoment(name),
    planReplay: (choice) => patient.planReplay(choice),
    queueReplay: (choice) => client.replay(choice),
    diffMoments: async ({ onDifferences, signal: _signal, ...sides }) => {
      const { tables, rows } = await patient.diffMoments(sides);
      onDifferences(rows as readonly RowDifference[]); // keys and values are JSON
      return tables;
    },
    dropMoment: (name) => patient.dropMoment(name),
  };
}

function onDatabases(installation: Installation): MomentOperations {
  const { operator } = installation;
  const using = <T>(use: (stores: ReplayStores & OperatingStores) => Promise<T>) => withStores(installation, use);
  return {
    listMoments: (filter) => using((stores) => listMoments(stores, filter)),
    showMoment: (name) => using((stores) => requireMoment(stores, name)),
    planReplay: (choice) => using((stores) => planReplay(stores, choice)),
    queueReplay: (choice) => using(async (stores) => queueReplay(stores, { plan: await planReplay(stores, choice), operator })),
    diffMoments: ({ limit: _limit, ...choice }) => using((stores) => diffMoments(stores, choice)),
    dropMoment: (name) => using((stores) => dropMoment(stores, { name, operator })),
  };
}

async function withStores<T>(installation: Installation, use: (stores: ReplayStores & OperatingStores) => Promise<T>): Promise<T> {
  const { application } = installation.config;
  const databases = await connectionUrls(installation, 'service');
  await using replaying = openReplayStores(databases, { application, keys: keysOf(installation), applicationName: 'kiroku-cli' });
  await using operating = openOperatingStores(databases, 'kiroku-cli');
  return await use({ ...replaying, ...operating });
}
