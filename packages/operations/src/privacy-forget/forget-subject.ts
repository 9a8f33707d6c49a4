import { type JsonObject, type KeyStore, KirokuError } from '@kiroku/core';
import { auditedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import type { PrivacyReport } from '../privacy-show/show-privacy.ts';
import { type ForgetChoice, planForget } from './plan-forget.ts';

export interface ForgetOptions extends ForgetChoice {
  /** What was shown of the subject. */
  readonly report: PrivacyReport;
  readonly keys: KeyStore;
}

/**
 * Destroys the subject's key for good and remembers it; durable when it returns. The audit log has who did it, when and why, and of the subject a digest.
 * What a process that was killed had left of it, the next call removes. Answers whether it was still to be done. Throws as `planForget`; `BadRequest`
 * without a reason or for one that names the subject; `DatabaseUnavailable` if the audit log cannot be written: then nothing is done.
 */
export async function forgetSubject(installation: Installation, { report, keys, unknown }: ForgetOptions): Promise<boolean> {
  const { subject, digest, key } = report;
  if (planForget(report, { unknown: unknown ?? false }) === 'nothing') {
    await keys.forget(subject);
    return false;
  }
  requireReason(installation.operator.reason, subject);
  await auditedRun(installation, {
    verb: 'privacy forget',
    arguments: { subject: digest },
    before: async (): Promise<JsonObject> => ({ key: key.state }),
    run: () => keys.forget(subject),
    after: () => ({ key: 'forgotten' }),
  });
  return true;
}

/** The audit log is kept for ever. Throws `BadRequest`. */
export function requireReason(reason: string | undefined, subject: string): void {
  if (reason === undefined) throw new KirokuError('BadRequest', 'Nothing brings back what is forgotten, so it needs a reason.');
  if (!names(reason, subject)) return;
  const why = 'The reason names the subject, and the audit log keeps it for ever.';
  throw new KirokuError('BadRequest', `${why} Give what says nothing about a person, such as the number of the request.`);
}

/** As a word. One of three letters or digits says nothing about anybody, and may stand for other things. */
function names(reason: string, subject: string): boolean {
  if (subject.length <= 3) return false;
  const literal = subject.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'iu').test(reason);
}
