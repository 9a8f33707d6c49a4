import { KirokuError } from '@kiroku/core';
import { toKirokuError } from '@kiroku/postgres';
import { doctorChecks } from './doctor-checks.ts';
import { type Diagnosis, type DoctorFinding, diagnose } from './finding.ts';
import type { DoctorCheck, Patient } from './patient.ts';

/** The checks of these names; all without any. Throws `BadRequest` for one that does not exist. */
export function chosenChecks(only: readonly string[] | undefined): readonly DoctorCheck[] {
  if (only === undefined || only.length === 0) return doctorChecks;
  const names = doctorChecks.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return doctorChecks.filter(({ name }) => only.includes(name));
  throw new KirokuError('BadRequest', `There is no check ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
}

/** What a check has found, or why it could not be made. */
export type Looked = readonly Diagnosis[] | { readonly reason: string };

export async function lookAt(check: DoctorCheck, patient: Patient): Promise<Looked> {
  try {
    return await check.find(patient);
  } catch (error) {
    const { code, message } = toKirokuError(error);
    return { reason: `${code}: ${message}` };
  }
}

/** Checks that could not be made. */
export class FailedChecks {
  readonly #names = new Map<string, string[]>();

  add({ name }: DoctorCheck, reason: string): void {
    this.#names.set(reason, [...(this.#names.get(reason) ?? []), name]);
  }

  /** One for all that failed for the same reason. */
  findings(): readonly DoctorFinding[] {
    return [...this.#names].map(([reason, names]) => {
      const what = `${names.length === 1 ? 'It' : 'They'} could not be looked at: ${reason}`;
      return diagnose('CheckFailed', { where: names.join(', '), what });
    });
  }
}
