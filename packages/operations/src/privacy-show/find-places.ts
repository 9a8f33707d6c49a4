import { isObject } from '../is-object.ts';
import { type PersonalReach, personalReach } from './personal-reach.ts';
import type { Place } from './place.ts';
import type { BackupFacts, PrivacyFacts } from './privacy-facts.ts';
import { readModelPlaces } from './read-model-places.ts';

const dayMs = 86_400_000;

/** Where in this installation something of a subject may lie in the clear, or a key of it that was destroyed. */
export function findPlaces(facts: PrivacyFacts): readonly Place[] {
  const reach = personalReach(facts.application, facts.typesAbout);
  const readModels = readModelPlaces(facts, reach);
  const rowsUntil = readModels.length > 0 ? undefined : lastOldRows(facts, reach);
  return [
    ...readModels,
    ...momentPlaces(facts, reach),
    ...processManagerPlaces(facts, reach),
    ...consumerPlaces(facts, reach),
    ...findingPlaces(facts, reach, rowsUntil),
    ...repairPlaces(facts, reach),
    ...backupPlaces(facts, rowsUntil),
  ];
}

/** Until when read models had rows from before, milliseconds since 1970; `undefined`: they may have them still. */
function lastOldRows({ cleanFrom, versions }: PrivacyFacts, reach: PersonalReach): number | undefined {
  if (cleanFrom === undefined || versions === undefined) return undefined;
  const builds = versions.filter(({ projection }) => reach.readsProjection(projection)).flatMap((version) => version.builds);
  const old = builds.filter(({ createdAt }) => Date.parse(createdAt) < cleanFrom);
  return Math.max(cleanFrom, ...old.map(({ retiredAt }) => (retiredAt === undefined ? 0 : Date.parse(retiredAt))));
}

function momentPlaces({ moments = [], cleanFrom }: PrivacyFacts, reach: PersonalReach): readonly Place[] {
  const isOld = (job: string) => cleanFrom === undefined || (timeOfUuid(job) ?? 0) < cleanFrom;
  return moments.flatMap(({ name, projections }) => {
    const old = projections.filter(({ projection, job }) => reach.readsProjection(projection) && isOld(job));
    if (old.length === 0) return [];
    const holds = `rows as of then, of ${old.map(({ projection }) => projection).join(', ')}`;
    return [{ kind: 'moment' as const, where: name, holds, commands: [`kiroku replay drop ${name} --yes`] }];
  });
}

function processManagerPlaces({ processManagers = [], cleanFrom }: PrivacyFacts, reach: PersonalReach): readonly Place[] {
  return processManagers.flatMap(({ processManager: where, running, failed, completed, compensated, oldestRunning }) => {
    if (!reach.readsProcessManager(where)) return [];
    const isOld = oldestRunning === null || isBefore(oldestRunning, cleanFrom);
    const unfinished = isOld ? running : 0; // nothing removes the others' states, and nobody can say whose they are
    const states = [...(unfinished > 0 ? [['running', unfinished]] : []), ...(failed > 0 ? [['failed', failed]] : [])] as const;
    const ended = completed + compensated;
    const parts = [
      ...(states.length > 0
        ? [`${states.map(([state, count]) => `${count} ${state}`).join(', ')}: states, and commands on their way`]
        : []),
      ...(ended > 0 ? [`${ended} ended: their states stay`] : []),
    ];
    const commands = states.map(([state]) => `kiroku saga list --process-manager ${where} --state ${state}`);
    return parts.length === 0 ? [] : [{ kind: 'process manager' as const, where, holds: parts.join('; '), commands }];
  });
}

function consumerPlaces({ consumers = [], cleanFrom }: PrivacyFacts, reach: PersonalReach): readonly Place[] {
  const revealed = consumers.filter(
    ({ reveal, filter, createdAt }) => reveal && reach.isOf(filter.types) && isBefore(createdAt, cleanFrom),
  );
  return revealed.map(({ name }) => ({
    kind: 'consumer',
    where: name,
    holds: 'gets personal fields readable: tell whoever it is to forget them, too',
    commands: [`kiroku consumer show ${name}`],
  }));
}

/** Rows that verifications found wrong, as they were. */
function findingPlaces(
  { verifications = [], jobRetentionDays }: PrivacyFacts,
  reach: PersonalReach,
  rowsUntil: number | undefined,
): readonly Place[] {
  const old = verifications.filter(({ createdAt, result }) => isBefore(createdAt, rowsUntil) && hasRows(result, reach));
  return old.map(({ id, endedAt, createdAt }) => {
    const until = new Date(Date.parse(endedAt ?? createdAt) + jobRetentionDays * dayMs).toISOString();
    const holds = 'rows that a verification found wrong; they are removed with the job, by itself';
    return { kind: 'findings' as const, where: `job ${id}`, holds, commands: [], until };
  });
}

function hasRows(result: unknown, reach: PersonalReach): boolean {
  if (!isObject(result) || !Array.isArray(result.projections)) return false;
  return result.projections.some((each: unknown) => {
    if (!isObject(each) || typeof each.name !== 'string' || !reach.readsProjection(each.name)) return false;
    return [each.findings, each.unfoldableRows, each.parkedKeys].some((rows) => Array.isArray(rows) && rows.length > 0);
  });
}

function repairPlaces({ repairs = [] }: PrivacyFacts, reach: PersonalReach): readonly Place[] {
  return repairs.flatMap(({ verb, at, arguments: { projection } }) => {
    if (typeof projection !== 'string' || !reach.readsProjection(projection)) return [];
    const holds = `rows of ${projection} before and after \`${verb}\`; only the owner of the tables can remove them`;
    return [{ kind: 'audit log' as const, where: at, holds, commands: [] }];
  });
}

/** All that were made while a key or rows of the subject were there. */
function backupPlaces({ backups: given, forgottenAt }: PrivacyFacts, rowsUntil: number | undefined): readonly Place[] {
  if (given === undefined) return [];
  const old = given.backups.filter(({ startedAt }) => isBefore(startedAt, rowsUntil));
  const backups = old.map(({ id, finishedAt, keys }) => ({ id, keys, until: endOf(given, finishedAt) }));
  const kept = given.keptKeys.filter((at) => isBefore(at, forgottenAt)).map((at) => endOf(given, at, 1));
  const until = [...backups.map((each) => each.until), ...kept].sort().at(-1);
  if (until === undefined) return [];
  const keys = backups.filter((each) => each.keys).length;
  const parts = [
    ...(backups.length > 0 ? [`${backups.length} with the databases as they were, ${keys} of them with keys`] : []),
    ...(kept.length > 0 ? ['keys that were kept between backups'] : []),
  ];
  const holds = `${parts.join('; ')}; the newest is kept for longer while there is no newer one`;
  const place = { kind: 'backups' as const, where: given.place, holds, commands: ['kiroku backup prune --yes'], until, backups };
  return [...untoldPlaces(given, forgottenAt), place];
}

/** Should the key store be lost, a backup is what knows who was forgotten. */
function untoldPlaces({ place, takesKeys, backups, keptKeys }: BackupFacts, forgottenAt: number | undefined): readonly Place[] {
  if (!takesKeys || forgottenAt === undefined) return [];
  const times = [...keptKeys, ...backups.filter(({ keys }) => keys).map(({ startedAt }) => startedAt)];
  if (times.length === 0 || times.some((time) => !isBefore(time, forgottenAt))) return [];
  const holds = 'keys are kept there, and not yet that this one was destroyed: should the key store be lost, a restore would bring it back';
  return [{ kind: 'backups', where: place, holds, commands: ['kiroku backup keys'] }];
}

function endOf({ keepDays }: BackupFacts, time: string, moreDays = 0): string {
  return new Date(Date.parse(time) + (keepDays + moreDays) * dayMs).toISOString();
}

/** Before a time in milliseconds since 1970; before none is whatever there is. */
function isBefore(time: string, end: number | undefined): boolean {
  return end === undefined || Date.parse(time) < end;
}

/** When an id was made, milliseconds since 1970; `undefined` if it is no UUIDv7. */
function timeOfUuid(id: string): number | undefined {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(id) ?? [];
  return high === undefined || low === undefined ? undefined : Number.parseInt(high + low, 16);
}
