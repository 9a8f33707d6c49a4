import { type Application, type JudgesKeyFiles, type KeyStore, KirokuError } from '@kiroku/core';
import { judgesOf } from '../backup-keys/key-content.ts';
import type { DatabaseUrls } from '../config/installation.ts';
import { sharedLook } from '../health/shared-look.ts';
import { doctorChecks } from './doctor-checks.ts';
import { type DoctorFinding, toldFinding } from './finding.ts';
import { chosenChecks, FailedChecks, type Looked, lookAt } from './look-at-checks.ts';
import { openPatient } from './open-patient.ts';

export interface ServiceDoctorOptions {
  /** As the service connects. */
  readonly urls: DatabaseUrls;
  readonly application: Application;
  readonly keys: KeyStore & Partial<JudgesKeyFiles>;
  /** Where the files of these are. Default: they are not looked at. */
  readonly keyDirectory?: string;
  /** What the service is to those who read of it: `the gateway`. */
  readonly place: string;
  /** How long all checks together may take, milliseconds. Default 20,000. */
  readonly timeoutMs?: number;
  /** Milliseconds for which what a check found serves further requests. Default 1,000. */
  readonly cacheMs?: number;
}

/** A report of what was looked at, with what only the machine of the installation could look at. */
export interface ServiceDoctorReport {
  readonly checks: readonly string[];
  readonly findings: readonly FoundByService[];
  readonly notMade: readonly { readonly check: string; readonly reason: string }[];
}

type FoundByService = DoctorFinding & { readonly outcome: 'found' };

export interface ServiceDoctor {
  /**
   * Looks for what is wrong, and changes nothing. What could not be looked at, or not in time, is a finding, the last. Throws `BadRequest` for a check
   * that does not exist, or that a service cannot make.
   */
  look(only?: readonly string[]): Promise<ServiceDoctorReport>;
}

/** The doctor in a service, for those elsewhere: as its role, and however often it is asked, each check is made once at a time. Connects when first used. */
export function openServiceDoctor(options: ServiceDoctorOptions): ServiceDoctor & AsyncDisposable {
  const { urls, application, keys, keyDirectory, place, timeoutMs = 20_000, cacheMs = 1_000 } = options;
  const patient = openPatient({
    urls: { service: urls, maintenance: urls, owner: urls },
    application,
    keys,
    ...(keyDirectory !== undefined && { keyFiles: { directory: keyDirectory, judges: judgesOf(keys) } }),
    operator: { name: place }, // repairs nothing
    place,
    timeoutMs,
  });
  const ask = sharedLook(() => patient.findSilent(), cacheMs);
  const looks = new Map(doctorChecks.map((check) => [check.name, sharedLook(() => lookAt(check, patient), cacheMs)]));
  return {
    look: async (only) => {
      const { made, notMade } = partsOf(only);
      const endsAt = performance.now() + timeoutMs;
      const failed = new FailedChecks();
      const findings: FoundByService[] = [];
      await ask();
      for (const check of made) {
        const { found, reasons } = await inTime(looks.get(check.name), endsAt, place);
        findings.push(...found.map((diagnosis) => ({ ...toldFinding(diagnosis), outcome: 'found' as const })));
        failed.add(check, reasons);
      }
      findings.push(...failed.findings().map((finding) => ({ ...finding, outcome: 'found' as const })));
      return { checks: made.map(({ name }) => name), findings, notMade };
    },
    [Symbol.asyncDispose]: () => patient[Symbol.asyncDispose](),
  };
}

function partsOf(only: readonly string[] | undefined) {
  const checks = chosenChecks(only);
  const notMade = checks.flatMap(({ name, onlyThere }) => (onlyThere === undefined ? [] : [{ check: name, reason: onlyThere }]));
  const [first] = notMade;
  if (first !== undefined && only !== undefined && only.length > 0)
    throw new KirokuError('BadRequest', `The check ${first.check} cannot be made from elsewhere. ${first.reason}`);
  return { made: checks.filter(({ onlyThere }) => onlyThere === undefined), notMade };
}

/** What a look finds by then; what takes longer is left to itself, and its statement is ended by the database. */
async function inTime(look: (() => Promise<Looked>) | undefined, endsAt: number, place: string): Promise<Looked> {
  const reason = `There was not time enough. Where the databases can be reached, \`kiroku doctor\` takes the time it needs; ${place} does not.`;
  const late = { found: [], reasons: [reason] };
  const leftMs = endsAt - performance.now();
  if (look === undefined || leftMs <= 0) return late;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<Looked>((resolve) => {
    timer = setTimeout(resolve, leftMs, late);
  });
  try {
    return await Promise.race([look(), over]);
  } finally {
    clearTimeout(timer);
  }
}
