import { type Maintenance, type MaintenanceStep, maintainEventStore, planEventStoreMaintenance } from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** What `maintainDatabases` would do now. */
export async function planDatabaseMaintenance(installation: Installation): Promise<readonly MaintenanceStep[]> {
  const { event_store: url } = await connectionUrls(installation, 'maintenance');
  return planEventStoreMaintenance({ url });
}

/** Keeps partitions of the log ready and forgets old command ids. Changes, and enters into the audit log, only what is due. */
export async function maintainDatabases(installation: Installation, onDone?: (step: MaintenanceStep) => void): Promise<Maintenance> {
  const { event_store: url } = await connectionUrls(installation, 'maintenance');
  const due = await planEventStoreMaintenance({ url });
  if (due.length === 0) return { done: [], postponed: [] };
  return auditedRun(installation, {
    verb: 'db maintain',
    run: () => maintainEventStore({ url, ...(onDone && { onDone }) }),
    after: ({ done, postponed }) => ({ done: done.map((step) => ({ ...step })), postponed: postponed.map((step) => ({ ...step })) }),
  });
}
