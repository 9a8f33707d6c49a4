import { createPool, databaseNames, readChainHead, readLogHistory } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import type { DoctorOptions, Patient, PoolsByDatabase } from './patient.ts';

/** Opens the databases; connects when first used. */
export function openPatient(options: DoctorOptions): Patient & AsyncDisposable {
  const { service, owner } = options.urls;
  const pools = open(service);
  const owned = open(owner);
  return {
    ...options,
    pools,
    owner: owned,
    log: async () => {
      const { position: head, recordedAt } = await readChainHead(pools.event_store);
      return { history: await readLogHistory(pools.event_store), head, ...(recordedAt !== undefined && { recordedAt }) };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...Object.values(pools), ...Object.values(owned)].map((pool) => pool.end()));
    },
  };
}

function open(urls: DatabaseUrls): PoolsByDatabase {
  const entries = databaseNames.map((database) => [
    database,
    createPool({ url: urls[database], applicationName: 'kiroku-doctor', max: 2 }),
  ]);
  return Object.fromEntries(entries) as PoolsByDatabase; // every name is a key
}
