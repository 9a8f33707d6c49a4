import { KirokuError } from '@kiroku/core';
import { doctorChecks } from './doctor-checks.ts';
import { type Diagnosis, type DoctorFinding, diagnose } from './finding.ts';
import type { OpenedPatient } from './open-patient.ts';
import { foundInEach } from './parts-of-check.ts';
import type { DoctorCheck } from './patient.ts';

/** The checks of these names; all without any. Throws `BadRequest` for one that does not exist. */
export function chosenChecks(only: readonly string[] | undefined): readonly DoctorCheck[] {
  if (only === undefined || only.length === 0) return doctorChecks;
  const names = doctorChecks.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length === 0) return doctorChecks.filter(({ name }) => only.includes(name));
  throw new KirokuError('BadRequest', `There is no check ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
}

export interface Looked {
  readonly found: readonly Diagnosis[];
  /** Why some of it, or all, could not be looked at. */
  readonly reasons: readonly string[];
}

export async function lookAt(check: DoctorCheck, patient: OpenedPatient): Promise<Looked> {
  const found = await patient.whileItAnswers(() => foundInEach([check.find(patient)]));
  const reasons = found.flatMap((each) => ('unseen' in each ? [patient.reasonOf(each.unseen)] : []));
  return {
    found: found.filter((each): each is Diagnosis => !('unseen' in each)),
    reasons: reasons.map(({ code, message }) => `${code}: ${message}`),
  };
}

/** Checks that could not be made, or not in whole. */
export class FailedChecks {
  readonly #names = new Map<string, Set<string>>();

  add({ name }: DoctorCheck, reasons: readonly string[]): void {
    for (const reason of reasons) this.#names.set(reason, new Set(this.#names.get(reason)).add(name));
  }

  /** One for all that failed for the same reason. */
  findings(): readonly DoctorFinding[] {
    return [...this.#names].map(([reason, names]) => {
      const what = `${names.size === 1 ? 'It' : 'They'} could not be looked at: ${reason}`;
      return diagnose('CheckFailed', { where: [...names].join(', '), what });
    });
  }
}
