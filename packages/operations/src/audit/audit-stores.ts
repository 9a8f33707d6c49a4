import { type AuditedCommand, type AuditTrail, KirokuError, type RecordedAction } from '@kiroku/core';
import {
  AcceptedCommands,
  ActionTrail,
  type AuditHead,
  type AuditVerification,
  createPool,
  PostgresCommandAudit,
  readAuditHeads,
  verifyAudit,
} from '@kiroku/postgres';
import type { DatabaseUrls } from '../config/installation.ts';

/** Where the audit is: of commands that left events the log, of others and of what operators do command_db. */
export interface AuditTrails {
  readonly accepted: AuditTrail<AuditedCommand>;
  readonly unrecorded: AuditTrail<AuditedCommand>;
  readonly actions: AuditTrail<RecordedAction>;
}

/** What the audit is read and verified with. */
export interface AuditStores {
  readonly trails: AuditTrails;
  /** Recomputes the chains, and compares them with heads they had earlier. */
  verify(earlier: readonly AuditHead[]): Promise<AuditVerification>;
  heads(): Promise<readonly AuditHead[]>;
}

/** Opens them straight from their databases; connects when first used. Without the log, commands that left events cannot be asked for. */
export function openAuditStores(
  { event_store, command_db }: Pick<DatabaseUrls, 'command_db'> & Partial<Pick<DatabaseUrls, 'event_store'>>,
  applicationName: string,
): AuditStores & AsyncDisposable {
  const log = event_store === undefined ? undefined : createPool({ url: event_store, applicationName, max: 2 });
  const pool = createPool({ url: command_db, applicationName, max: 2 });
  return {
    trails: {
      accepted: log === undefined ? notThere : new AcceptedCommands({ pool: log }),
      unrecorded: new PostgresCommandAudit({ pool }),
      actions: new ActionTrail({ pool }),
    },
    verify: (earlier) => verifyAudit(pool, earlier),
    heads: () => readAuditHeads(pool),
    [Symbol.asyncDispose]: async () => void (await Promise.all([log?.end(), pool.end()])),
  };
}

const notThere: AuditTrail<never> = {
  page: () =>
    Promise.reject(
      new KirokuError(
        'NotFound',
        'The log is not known here, so the commands that left events cannot be shown. Ask for operators’ changes alone, or give the URL of the event store.',
      ),
    ),
};
