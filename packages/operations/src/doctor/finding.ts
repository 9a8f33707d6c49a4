import { type FindingCode, findingCodes, type Severity } from './finding-codes.ts';

/** One thing that is wrong. */
export interface DoctorFinding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** What it is about: `projection order-summary, version 1, build 2`. */
  readonly where: string;
  readonly why: string;
  /** What `--fix` does; missing: nothing, somebody has to. */
  readonly fix?: string;
}

/** A finding with what repairs it. */
export interface Diagnosis extends DoctorFinding {
  readonly repair?: () => Promise<unknown>;
}

/** A finding of a kind; `fix` and `repair` go together. */
export function diagnose(
  code: FindingCode,
  found: { readonly what: string; readonly where: string } & (
    | { readonly fix: string; readonly repair: () => Promise<unknown> }
    | { readonly fix?: undefined; readonly repair?: undefined }
  ),
): Diagnosis {
  const { what, where, fix, repair } = found;
  return { code, ...findingCodes[code], what, where, ...(fix !== undefined && { fix }), ...(repair !== undefined && { repair }) };
}

/** What is told of it. */
export function toldFinding({ repair: _repair, ...finding }: Diagnosis): DoctorFinding {
  return finding;
}
