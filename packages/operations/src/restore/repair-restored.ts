import type { KeyStore } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { runDoctor, type TreatedFinding } from '../doctor/run-doctor.ts';

// what is in the databases; servers, disks and clocks are looked at where they are used
const checks = [
  'migrations',
  'partitions',
  'jobs',
  'process-managers',
  'orphans',
  'consumers',
  'snapshots',
  'moments',
  'leases',
  'read-models',
];

/** Has the doctor repair restored databases, whose log begins a timeline. Returns what it found. Throws `DatabaseUnavailable`. */
export async function repairRestored(
  restored: Installation,
  { keys, signal }: { readonly keys: KeyStore; readonly signal?: AbortSignal | undefined },
): Promise<readonly TreatedFinding[]> {
  const { databases: urls, config, applicationModule, operator } = restored;
  if (urls === undefined) throw new Error('What was restored has URLs.');
  const { findings } = await runDoctor(
    {
      urls: { service: urls, maintenance: urls, owner: urls },
      application: config.application,
      ...(applicationModule && { applicationModule }),
      keys,
      operator,
      ...(signal && { signal }),
    },
    { fix: true, only: checks },
  );
  return findings;
}
