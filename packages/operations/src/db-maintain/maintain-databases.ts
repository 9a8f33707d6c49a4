import { isKirokuError } from '@kiroku/core';
import {
  type AuditPruning,
  type Maintenance,
  type MaintenanceStep,
  maintainEventStore,
  planAuditMaintenance,
  planEventStoreMaintenance,
  pruneCommandAudit,
} from '@kiroku/postgres';
import { auditedRun } from '../audit/audited-run.ts';
import { connectionUrls, type DatabaseUrls, type Installation } from '../config/installation.ts';

export type DatabaseMaintenanceStep = MaintenanceStep | AuditPruning;

/** What `maintainDatabases` would do now. */
export async function planDatabaseMaintenance(installation: Installation): Promise<readonly DatabaseMaintenanceStep[]> {
  const { ofLog, ofAudit } = await plan(await connectionUrls(installation, 'maintenance'));
  return [...ofLog, ...ofAudit];
}

/** What was done. */
export interface DatabaseMaintenance {
  readonly done: readonly DatabaseMaintenanceStep[];
  readonly postponed: Maintenance['postponed'];
}

/**
 * Keeps partitions of the log ready, forgets old command ids, and removes from the audit what is older than it is kept. Changes, and enters into the
 * audit log, only what is due.
 */
export async function maintainDatabases(
  installation: Installation,
  onDone?: (step: DatabaseMaintenanceStep) => void,
): Promise<DatabaseMaintenance> {
  const urls = await connectionUrls(installation, 'maintenance');
  const { ofLog, ofAudit } = await plan(urls);
  if (ofLog.length + ofAudit.length === 0) return { done: [], postponed: [] };
  return auditedRun(installation, {
    verb: 'db maintain',
    run: async () => {
      const { done, postponed } = await maintainEventStore({ url: urls.event_store, ...(onDone && { onDone }) });
      for (const step of ofAudit) {
        await pruneCommandAudit({ url: urls.command_db });
        onDone?.(step);
      }
      return { done: [...done, ...ofAudit], postponed };
    },
    after: ({ done, postponed }) => ({ done: done.map((step) => ({ ...step })), postponed: postponed.map((step) => ({ ...step })) }),
  });
}

async function plan({ event_store, command_db }: DatabaseUrls) {
  const ofLog = await planEventStoreMaintenance({ url: event_store });
  const ofAudit = await planAuditMaintenance({ url: command_db }).catch((error: unknown) => {
    if (isKirokuError(error, 'DatabaseUnavailable') || isKirokuError(error, 'SchemaTooOld')) return []; // it can wait, the log cannot
    throw error;
  });
  return { ofLog, ofAudit };
}
