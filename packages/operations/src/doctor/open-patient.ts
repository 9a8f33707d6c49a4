import type { KirokuError } from '@kiroku/core';
import { databaseNames, readChainHead, readLogHistory } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import type { DoctorOptions, Patient, PoolsByDatabase } from './patient.ts';
import { SilentDatabases } from './silent-databases.ts';

/** Opens the databases; connects when first used. */
export function openPatient(options: DoctorOptions): OpenedPatient {
  const { service, maintenance, owner } = options.urls;
  const silent = new SilentDatabases(options);
  const pools = open(silent, service);
  const urls = [service, maintenance, owner].flatMap((each) => Object.values<string>({ ...each }));
  return {
    ...options,
    pools,
    owner: open(silent, owner),
    log: async () => {
      const { position: head, recordedAt } = await readChainHead(pools.event_store);
      return { history: await readLogHistory(pools.event_store), head, ...(recordedAt !== undefined && { recordedAt }) };
    },
    urlOf: (database, role) => silent.requireAnswering(options.urls[role][database]),
    findSilent: () => silent.askAll(urls),
    whileItAnswers: (look) => silent.whileTheyAnswer(urls, look),
    reasonOf: (error) => silent.reasonOf(error),
    [Symbol.asyncDispose]: () => silent[Symbol.asyncDispose](),
  };
}

export interface OpenedPatient extends Patient, AsyncDisposable {
  /** Asks which of the databases answer: the others are not asked again until the next time. */
  findSilent(): Promise<void>;
  /** Waits for a look, but not for a database that has fallen silent. */
  whileItAnswers<T>(look: () => Promise<T>): Promise<T>;
  /** Why a look failed. */
  reasonOf(error: unknown): KirokuError;
}

function open(silent: SilentDatabases, urls: DatabaseUrls): PoolsByDatabase {
  const entries = databaseNames.map((database) => [database, silent.open(urls[database])]);
  return Object.fromEntries(entries) as PoolsByDatabase; // every name is a key
}
