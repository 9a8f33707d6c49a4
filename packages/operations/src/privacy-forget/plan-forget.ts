import { KirokuError } from '@kiroku/core';
import type { PrivacyReport } from '../privacy-show/show-privacy.ts';

export interface ForgetChoice {
  /** Also a subject that no key exists for, and that the log says nothing of. Default: that is refused. */
  readonly unknown?: boolean;
}

/** What forgetting would do: `nothing` if it was done before. Throws `NotFound` for a subject that nobody knows, and `BadRequest` for a consumer. */
export function planForget({ subject, key, log, consumer, meant }: PrivacyReport, { unknown = false }: ForgetChoice): 'forget' | 'nothing' {
  if (consumer !== undefined)
    throw new KirokuError(
      'BadRequest',
      `${subject} is no person: its key is that of the secret of consumer ${consumer}. \`kiroku consumer remove ${consumer}\` destroys it.`,
    );
  if (key.state === 'forgotten') return 'nothing';
  if (key.state !== 'unknown' || unknown) return 'forget';
  const hint = meant === undefined ? 'Look whether it is the subject as events have it, and at KIROKU_KEY_DIR.' : `Did you mean ${meant}?`;
  const looked =
    log === undefined ? 'the log cannot be read' : `${log.whole ? 'the log has' : `the last ${log.looked} events have`} nothing of it`;
  const further = log?.whole === false ? ' `--all` looks through the whole log.' : '';
  throw new KirokuError(
    'NotFound',
    `There is no key of ${subject}, and ${looked}: nobody would be forgotten. ${hint}${further} If it is right all the same, \`--unknown\` sees that nothing personal can be stored under it.`,
  );
}
