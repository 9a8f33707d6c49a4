import { createPool, databaseNames, readChainHead, readLogHistory } from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';
import type { DoctorOptions, Patient, PoolsByDatabase } from './patient.ts';

/** Opens the databases; connects when first used. */
export function openPatient(options: DoctorOptions): Patient & AsyncDisposable {
  const { service, owner } = options.urls;
  const pools = open(service, options);
  const owned = open(owner, options);
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

function open(urls: DatabaseUrls, { timeoutMs }: Pick<DoctorOptions, 'timeoutMs'>): PoolsByDatabase {
  const options = { applicationName: 'kiroku-doctor', max: 2, ...(timeoutMs !== undefined && bounds(timeoutMs)) };
  const entries = databaseNames.map((database) => [database, createPool({ url: urls[database], ...options })]);
  return Object.fromEntries(entries) as PoolsByDatabase; // every name is a key
}

/** The server ends what takes longer; one that does not even say so is given up. */
function bounds(timeoutMs: number) {
  return { statementTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs + 1_000 };
}
