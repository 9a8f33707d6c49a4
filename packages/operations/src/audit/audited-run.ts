import {
  type ActionOutcome,
  isKirokuError,
  type JsonObject,
  type JsonValue,
  KirokuError,
  type OperatorAction,
  type OperatorAudit,
  withoutPasswords,
} from '@kiroku/core';
import { v7 as uuidv7 } from 'uuid';
import type { Installation } from '../config/installation.ts';
import type { Operator } from '../config/operator.ts';
import { openAudit } from './open-audit.ts';
import { withoutSecrets } from './redact.ts';

/** A change that an operator makes. */
export interface AuditedAction<Result> {
  /** As on the command line: `db maintain`. */
  readonly verb: string;
  /** What it was called with; secrets are left out of the log. */
  readonly arguments?: JsonObject;
  /** What there is before the change. */
  readonly before?: () => Promise<JsonValue>;
  /** The change. The correlation id may go into what it writes, e.g. the metadata of events. */
  readonly run: (context: { readonly correlationId: string }) => Promise<Result>;
  /** What there is after it. */
  readonly after?: (result: Result) => JsonValue | Promise<JsonValue>;
  /** Why it has failed, though it ended without a fault: the entry says so, and its result is returned all the same. */
  readonly failure?: (result: Result) => string | undefined;
  /** The change may be what creates the audit log: then it is recorded after it. Default false. */
  readonly createsAuditLog?: boolean;
}

/**
 * Makes a change, and records who made it, when, why, and what it changed. The entry is written before the change, so that no change is without one:
 * if the log cannot be written, nothing is run.
 */
export async function auditedRun<Result>(installation: Installation, action: AuditedAction<Result>): Promise<Result> {
  await using audit = await openAudit(installation);
  return await recordedRun(audit, installation.operator, action);
}

/** `auditedRun` with a given log. */
export async function recordedRun<Result>(audit: OperatorAudit, operator: Operator, action: AuditedAction<Result>): Promise<Result> {
  const entry = await entryOf(operator, action);
  const begun = await begin(audit, entry, action.createsAuditLog ?? false);
  let result: Result;
  try {
    result = await action.run({ correlationId: entry.correlationId });
  } catch (error) {
    await recordFailure(audit, entry, { begun, error });
    throw error;
  }
  const failure = action.failure?.(result);
  if (failure === undefined) await recordEnd(audit, entry, { begun, outcome: succeeded(await action.after?.(result)) });
  else await recordEnd(audit, entry, { begun, outcome: { succeeded: false, error: withoutPasswords(failure) } });
  return result;
}

async function entryOf<Result>({ name, reason, source }: Operator, action: AuditedAction<Result>): Promise<OperatorAction> {
  const before = await action.before?.();
  return {
    id: uuidv7(),
    operator: name,
    verb: action.verb,
    arguments: withoutSecrets(action.arguments ?? {}),
    correlationId: uuidv7(),
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason: withoutPasswords(reason) }),
    ...(before !== undefined && { before }),
  };
}

async function begin(audit: OperatorAudit, entry: OperatorAction, mayBeMissing: boolean): Promise<boolean> {
  try {
    await audit.begin(entry);
    return true;
  } catch (error) {
    if (mayBeMissing && isKirokuError(error, 'SchemaTooOld')) return false;
    const why = error instanceof Error ? error.message : String(error);
    throw new KirokuError(
      isKirokuError(error) ? error.code : 'Internal',
      `The audit log in command_db cannot be written, so \`${entry.verb}\` was not run. ${why}`,
      { cause: error },
    );
  }
}

async function recordFailure(
  audit: OperatorAudit,
  entry: OperatorAction,
  { begun, error }: { readonly begun: boolean; readonly error: unknown },
): Promise<void> {
  try {
    if (!begun) await audit.begin(entry);
    await audit.end(entry.id, { succeeded: false, error: withoutPasswords(describe(error)) });
  } catch {
    // the failure itself is what the operator has to hear; the entry stays without an end
  }
}

async function recordEnd(
  audit: OperatorAudit,
  entry: OperatorAction,
  { begun, outcome }: { readonly begun: boolean; readonly outcome: ActionOutcome },
): Promise<void> {
  try {
    if (!begun) await audit.begin(entry);
    await audit.end(entry.id, outcome);
  } catch (error) {
    throw new KirokuError(
      isKirokuError(error) ? error.code : 'Internal',
      `\`${entry.verb}\` was done, but the audit log could not be told: entry ${entry.id} has no end. Do not repeat it; note it elsewhere.`,
      { cause: error },
    );
  }
}

function succeeded(after: JsonValue | undefined): ActionOutcome {
  return { succeeded: true, ...(after !== undefined && { after }) };
}

function describe(error: unknown): string {
  if (isKirokuError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
