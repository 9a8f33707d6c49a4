import { KirokuError } from '@kiroku/core';
import { PostgresOperatorAudit, toKirokuError } from '@kiroku/postgres';
import { recordedRun } from '../audit/audited-run.ts';
import { doctorChecks } from './doctor-checks.ts';
import { type Diagnosis, type DoctorFinding, diagnose } from './finding.ts';
import { openPatient } from './open-patient.ts';
import type { DoctorCheck, DoctorOptions, Patient } from './patient.ts';

export interface DoctorRun {
  /** Repairs what can be repaired. Default: nothing is changed. */
  readonly fix?: boolean;
  /** Names of checks. Default: all. */
  readonly only?: readonly string[];
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
 * works. What cannot be looked at is a finding, the last: one for all checks that fail for the same reason. Throws `BadRequest` for a check that does not exist.
 */
export async function runDoctor(options: DoctorOptions, { fix = false, only, onFinding }: DoctorRun = {}): Promise<DoctorReport> {
  const checks = chosen(only);
  await using patient = openPatient(options);
  const findings: TreatedFinding[] = [];
  const settle = (finding: TreatedFinding) => {
    findings.push(finding);
    onFinding?.(finding);
  };
  const failed = new Map<string, string[]>();
  for (const check of checks) {
    const looked = await look(check, patient);
    if ('reason' in looked) failed.set(looked.reason, [...(failed.get(looked.reason) ?? []), check.name]);
    else for (const diagnosis of looked) settle(fix ? await treat(patient, diagnosis) : { ...told(diagnosis), outcome: 'found' });
  }
  for (const [reason, names] of failed) settle({ ...checkFailed(names, reason), outcome: 'found' });
  return { checks: checks.map(({ name }) => name), findings };
}

function chosen(only: readonly string[] | undefined): readonly DoctorCheck[] {
  if (only === undefined || only.length === 0) return doctorChecks;
  const names = doctorChecks.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return doctorChecks.filter(({ name }) => only.includes(name));
  throw new KirokuError('BadRequest', `There is no check ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
}

async function look(check: DoctorCheck, patient: Patient): Promise<readonly Diagnosis[] | { readonly reason: string }> {
  try {
    return await check.find(patient);
  } catch (error) {
    const { code, message } = toKirokuError(error);
    return { reason: `${code}: ${message}` };
  }
}

function checkFailed(names: readonly string[], reason: string): DoctorFinding {
  const what = `${names.length === 1 ? 'It' : 'They'} could not be looked at: ${reason}`;
  return diagnose('CheckFailed', { where: names.join(', '), what });
}

async function treat(patient: Patient, diagnosis: Diagnosis): Promise<TreatedFinding> {
  const { repair } = diagnosis;
  const finding = told(diagnosis);
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

function told({ repair: _repair, ...finding }: Diagnosis): DoctorFinding {
  return finding;
}
