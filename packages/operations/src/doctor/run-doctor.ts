import { PostgresOperatorAudit, toKirokuError } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import { type Diagnosis, type DoctorFinding, toldFinding } from './finding.ts';
import { chosenChecks, FailedChecks, lookAt } from './look-at-checks.ts';
import { openPatient } from './open-patient.ts';
import type { DoctorOptions, Patient } from './patient.ts';

export interface DoctorRun {
  /** Repairs what can be repaired. Default: nothing is changed. */
  readonly fix?: boolean;
  /** Names of checks. Default: all. */
  readonly only?: readonly string[];
  /** Told of each check before it is made, and which of how many it is. */
  readonly onCheck?: (name: string, nth: number, of: number) => void;
  /** Told of each finding when it is settled. */
  readonly onFinding?: (finding: TreatedFinding) => void;
}

/** A finding, and what became of it. */
export type TreatedFinding = DoctorFinding &
  ({ readonly outcome: 'found' | 'fixed' } | { readonly outcome: 'failed'; readonly error: string });

export interface DoctorReport {
  readonly checks: readonly string[];
  readonly findings: readonly TreatedFinding[];
}

/**
 * Looks for what is wrong, and with `fix` repairs it, each repair recorded in the audit log. Reads only, otherwise, and may run while everything
 * works. What cannot be looked at is a finding, the last: one for all checks that fail for the same reason. A database that does not answer is not asked
 * again, and its checks say so. Throws `BadRequest` for a check that does not exist.
 */
export async function runDoctor(options: DoctorOptions, { fix = false, only, onCheck, onFinding }: DoctorRun = {}): Promise<DoctorReport> {
  const checks = chosenChecks(only);
  await using patient = openPatient(options);
  await patient.findSilent();
  const findings: TreatedFinding[] = [];
  const settle = (finding: TreatedFinding) => {
    findings.push(finding);
    onFinding?.(finding);
  };
  const failed = new FailedChecks();
  for (const [index, check] of checks.entries()) {
    onCheck?.(check.name, index + 1, checks.length);
    const { found, reasons } = await lookAt(check, patient);
    for (const diagnosis of found) settle(fix ? await treat(patient, diagnosis) : { ...toldFinding(diagnosis), outcome: 'found' });
    failed.add(check, reasons);
  }
  for (const finding of failed.findings()) settle({ ...finding, outcome: 'found' });
  return { checks: checks.map(({ name }) => name), findings };
}

async function treat(patient: Patient, diagnosis: Diagnosis): Promise<TreatedFinding> {
  const { repair } = diagnosis;
  const finding = toldFinding(diagnosis);
  if (repair === undefined) return { ...finding, outcome: 'found' };
  const { code, what, where, fix = '' } = finding;
  try {
    const audit = new PostgresOperatorAudit({ pool: patient.owner.command_db }); // what services may not do could be this
    await recordedRun(audit, patient.operator, {
      verb: 'doctor',
      arguments: { code, where, fix },
      before: async () => what,
      run: async () => void (await repair()),
      createsAuditLog: code === 'MigrationsPending',
    });
    return { ...finding, outcome: 'fixed' };
  } catch (error) {
    return { ...finding, outcome: 'failed', error: toKirokuError(error).message };
  }
}
