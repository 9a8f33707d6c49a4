import type { BackupRepository } from '@kiroku/backup';
import { isKirokuError, type JsonObject, type JudgesKeyFiles, type KeyStore, KirokuError } from '@kiroku/core';
import { auditedRun } from '../audit/audited-run.ts';
import type { Becoming } from '../backup-keys/becomes-of-subject.ts';
import { judgesOf, pathOfSubject } from '../backup-keys/key-content.ts';
import { noticesOfKeys } from '../backup-keys/notices-of-keys.ts';
import { type KeysPutBack, putKeysBack } from '../backup-keys/put-keys-back.ts';
import type { Installation } from '../config/installation.ts';
import { keyDirectory } from '../config/key-directory.ts';
import { lockRestore } from '../up/supervisor-lock.ts';
import { keptKeys } from './kept-keys.ts';
import { type LostSubjects, lostSubjects } from './lost-subjects.ts';

export interface RestoreKeysOptions {
  readonly repository: BackupRepository;
  /** The store they are put back into. */
  readonly keys: KeyStore & Partial<JudgesKeyFiles>;
  /** Takes the keys of this backup, and of what was kept since. Default: of all that is kept. */
  readonly backup?: string | undefined;
  /** Looks through the whole log for subjects whose keys are missing. Default: the last 2,000 events. */
  readonly all?: boolean;
  /** Whether the audit log notes it. Default true; then nothing is put back if it cannot be written. */
  readonly audited?: boolean;
}

export interface KeysRestored {
  /** Of the key store. */
  readonly directory: string;
  /** Whether it was done; otherwise that is what would be. */
  readonly done: boolean;
  /** How many files of which kind, by their paths in the key store. */
  readonly put: KeysPutBack;
  /** Subjects that can be read again, or could; not those who were forgotten. */
  readonly back: readonly string[];
  /** Subjects whose keys are missing all the same; `undefined` if the log cannot be read. */
  readonly missing: LostSubjects | undefined;
  /** What people should know, one line each. */
  readonly notices: readonly string[];
}

/** What would be put back. Changes nothing. Throws `NotFound`, `BackupKeyWrong`, `BackupDamaged`, `BackupForeign`, `RestoreRefused` if a restore is under way. */
export function planRestoreKeys(installation: Installation, options: RestoreKeysOptions): Promise<KeysRestored> {
  return locked(installation, async () => told(installation, await foresee(installation, options)));
}

/**
 * Puts keys of personal data back that are lost or damaged, and leaves the databases as they are. No whole key is replaced, and nobody who was forgotten
 * is known again. Throws as `planRestoreKeys`, and `DatabaseUnavailable` if the audit log cannot be written.
 */
export function restoreKeys(installation: Installation, options: RestoreKeysOptions): Promise<KeysRestored> {
  const run = async () => told(installation, await putBack(installation, options));
  return locked(installation, () => (options.audited === false ? run() : noted(installation, options, run)));
}

interface Found extends Omit<KeysRestored, 'directory' | 'notices'> {
  /** What is kept, but cannot be read. */
  readonly unread: readonly string[];
}

async function foresee(installation: Installation, options: RestoreKeysOptions): Promise<Found> {
  const { sources, notices: unread } = await keptKeys(installation, options.repository, options.backup);
  const lost = await lostSubjects(installation, options);
  const { becoming = new Map<string, Becoming>(), ...put } = await putKeysBack(sources, {
    directory: keyDirectory(installation),
    judges: judgesOf(options.keys),
    dryRun: true,
    asked: (lost?.subjects ?? []).map(pathOfSubject),
  });
  const willBe = (subject: string) => becoming.get(pathOfSubject(subject));
  const back = (lost?.subjects ?? []).filter((subject) => willBe(subject) === 'key');
  const missing = lost && { ...lost, subjects: lost.subjects.filter((subject) => willBe(subject) === undefined) };
  return { done: false, put, back, missing, unread };
}

async function putBack(installation: Installation, options: RestoreKeysOptions): Promise<Found> {
  const { keys } = options;
  const { sources, notices: unread } = await keptKeys(installation, options.repository, options.backup);
  const lost = await lostSubjects(installation, options);
  const put = await putKeysBack(sources, { directory: keyDirectory(installation), judges: judgesOf(keys) });
  const missing = await lostSubjects(installation, options);
  const still = new Set(missing?.subjects);
  const found = (lost?.subjects ?? []).filter((subject) => !still.has(subject));
  const isForgotten = await Promise.all(found.map(async (subject) => (await keys.findKey(subject)) === 'forgotten'));
  return { done: true, put, back: found.filter((_, index) => !isForgotten[index]), missing, unread };
}

function told(installation: Installation, { done, put, back, missing, unread }: Found): KeysRestored {
  return { directory: keyDirectory(installation), done, put, back, missing, notices: [...unread, ...noticesOfKeys(put)] };
}

/** Two at a time would remove what the other has unpacked. */
async function locked<T>({ dataDirectory }: Installation, work: () => Promise<T>): Promise<T> {
  const unlock = await lockRestore(dataDirectory);
  try {
    return await work();
  } finally {
    await unlock();
  }
}

async function noted(
  installation: Installation,
  { repository, backup }: RestoreKeysOptions,
  work: () => Promise<KeysRestored>,
): Promise<KeysRestored> {
  let begun = false;
  const action = {
    verb: 'restore keys',
    arguments: { place: repository.place, ...(backup !== undefined && { backup }) },
    run: () => {
      begun = true;
      return work();
    },
    after: countsOf,
  };
  return auditedRun(installation, action).catch((error: unknown) => {
    if (begun || !isKirokuError(error)) throw error;
    throw new KirokuError(error.code, `${error.message} To put keys back without a record of it: \`--no-audit\`.`, { cause: error });
  });
}

function countsOf({ put, missing }: KeysRestored): JsonObject {
  const { added, beside, replaced, damaged } = put;
  return {
    added: added.length,
    beside: beside.length,
    replaced: replaced.length,
    stillDamaged: damaged.length,
    ...(missing && { stillMissing: missing.subjects.length }),
  };
}
