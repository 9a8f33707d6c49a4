import type { BackupRepository } from '@kiroku/backup';
import { type DatesForgetting, isKirokuError, type KeyStore, type RecordedAction } from '@kiroku/core';
import { consumerKeySubject, keyMemoryMs } from '@kiroku/engine';
import type { Installation } from '../config/installation.ts';
import { manyKeys } from '../projection-parked/list-parked-keys.ts';
import { rebuildVerb } from '../projection-rebuild/rebuild-arguments.ts';
import { projectionVerifyVerb } from '../projection-verify/projection-verify-job.ts';
import { findPlaces } from './find-places.ts';
import { type KeyState, keyState, meantSubject } from './key-state.ts';
import { type LookedInLog, lookInLog } from './look-in-log.ts';
import { backupFacts, openPrivacySources, type PrivacySources } from './open-privacy-sources.ts';
import { commandsOf, type Place } from './place.ts';
import type { PrivacyFacts } from './privacy-facts.ts';
import { requireSubject, subjectDigest } from './subject-digest.ts';

export interface PrivacyOptions {
  readonly subject: string;
  readonly keys: KeyStore & Partial<DatesForgetting>;
  /** Opens where the backups are. */
  readonly repository: () => Promise<BackupRepository>;
  /** Looks through the whole log. Default: what takes no time. */
  readonly all?: boolean;
}

/** What is known of a subject, and where. */
export interface PrivacyReport {
  readonly subject: string;
  /** What the audit log calls the subject. */
  readonly digest: string;
  readonly key: KeyState;
  /** What the log says of the subject; missing: it cannot be read. */
  readonly log?: { readonly events: number; readonly types: readonly string[]; readonly looked: number; readonly whole: boolean };
  /** The subject is no person: its key is that of this consumer's secret. */
  readonly consumer?: string;
  /** Of a subject that nobody knows, and that is the name of a stream: the id in it, which has a key. */
  readonly meant?: string;
  /** Where something may lie in the clear. */
  readonly places: readonly Place[];
  /** What deals with them now, in order. */
  readonly commands: readonly string[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
}

const most = 1_000;

/** Changes nothing. Throws `BadRequest` for what can be no subject, `KeyStoreUnavailable`, `ConfigurationInvalid`. */
export async function showPrivacy(installation: Installation, options: PrivacyOptions): Promise<PrivacyReport> {
  requireSubject(options.subject);
  await using sources = await openPrivacySources(installation);
  return await lookAround(installation, sources, options);
}

async function lookAround(installation: Installation, sources: PrivacySources, options: PrivacyOptions): Promise<PrivacyReport> {
  const { subject, keys, all = false } = options;
  const { application } = installation.config;
  const unseen: string[] = [];
  const seen = sightOf(unseen);
  const log = await seen('the log', () => lookInLog(sources.log, { subject, aggregates: application.aggregates, all }));
  const key = await keyState(keys, subject, log);
  const types = [...new Set(log?.events.map(({ type }) => type))];
  const forgottenAt = key.state === 'forgotten' && key.at !== undefined ? Date.parse(key.at) : undefined;
  const consumers = await seen('consumers', () => sources.consumers.consumers());
  const facts: PrivacyFacts = {
    application,
    typesAbout: types,
    jobRetentionDays: Number(installation.environment.JOB_RETENTION_DAYS?.trim() || 90),
    ...(forgottenAt !== undefined && { forgottenAt, cleanFrom: forgottenAt + keyMemoryMs }),
    ...(await factsOf(sources, seen)),
    ...given('consumers', consumers),
    ...given('backups', await seen('backups', async () => backupFacts(installation, await options.repository()))),
  };
  const consumer = consumers?.find(({ id }) => consumerKeySubject(id) === subject);
  const places = consumer !== undefined || key.state === 'unknown' ? [] : findPlaces(facts);
  return {
    subject,
    digest: subjectDigest(subject),
    key,
    ...given('log', log && told(log, types)),
    ...given('consumer', consumer?.name),
    ...given('meant', key.state === 'unknown' ? await meantSubject(keys, subject, application.aggregates) : undefined),
    places,
    commands: commandsOf(places),
    unseen,
  };
}

type Sight = <T>(what: string, look: () => Promise<T>) => Promise<T | undefined>;

/** What is away does not hide the rest. */
function sightOf(unseen: string[]): Sight {
  return async (what, look) => {
    try {
      return await look();
    } catch (error) {
      if (!isKirokuError(error)) throw error;
      unseen.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
}

async function factsOf({ builds, moments, jobs, audit, processManagers }: PrivacySources, seen: Sight): Promise<Partial<PrivacyFacts>> {
  const [versions, parked, built] = await Promise.all([
    seen('read models', () => builds.versions()),
    seen('parked keys', () => builds.parkedKeys({ limit: manyKeys })),
    seen('moments', () => moments.moments()),
  ]);
  const [stats, verifications, repairs, rebuilds] = await Promise.all([
    seen('process managers', processManagers),
    seen('findings', () => jobs.jobs({ verb: projectionVerifyVerb, limit: most })),
    seen('repairs', () => audit.actions({ verb: `${projectionVerifyVerb} --fix`, limit: most })),
    seen('rebuilds', () => audit.actions({ verb: rebuildVerb, limit: most })), // jobs are removed some day, their entries never
  ]);
  return {
    ...given('versions', versions),
    ...given('parked', parked),
    ...given('moments', built),
    ...given('processManagers', stats),
    ...given('verifications', verifications),
    ...given('repairs', repairs),
    ...given('wholeJobs', rebuilds && new Set(rebuilds.filter(isWhole).map(({ id }) => id))),
  };
}

/** Whether it took all rows from the log. */
function isWhole({ arguments: { fromEventNumber, fromInconsistency } }: RecordedAction): boolean {
  return fromEventNumber === undefined && fromInconsistency !== true;
}

function told({ events, looked, whole }: LookedInLog, types: readonly string[]): NonNullable<PrivacyReport['log']> {
  return { events: events.length, types, looked, whole };
}

function given<Name extends string, T>(name: Name, value: T | undefined): { readonly [name in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: T }); // the only one
}
