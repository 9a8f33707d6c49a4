import { type BuildStatus, KirokuError, type Projection } from '@kiroku/core';
import { PostgresReadModelBuilds, rowsOf } from '@kiroku/postgres';
import { ensureBuilt } from '../../projection-rebuild/ensure-built.ts';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, Patient, PresentLog } from '../patient.ts';
import { type Standing, standingOf } from '../standing.ts';

/** Builds of read models whose positions are not of the present history. */
export const readModels: DoctorCheck = {
  name: 'read-models',
  async find(patient) {
    const versions = await new PostgresReadModelBuilds({ pool: patient.pools.query_db }).versions();
    const log = await patient.log();
    return versions
      .flatMap(({ builds }) => builds)
      .filter(({ state, partitions }) => state !== 'retired' && partitions.length > 0)
      .flatMap((build) => judge(patient, log, build));
  },
};

function judge(patient: Patient, log: PresentLog, build: BuildStatus): readonly Diagnosis[] {
  const position = Math.max(...build.partitions.map((partition) => partition.position));
  const standing = standingOf(log, { ...build.log, position });
  if (standing.kind === 'present') return [];
  return [standing.kind === 'earlier' ? earlier(patient, log, build) : lost(patient, build, { position, standing })];
}

function earlier(patient: Patient, { history: { log } }: PresentLog, build: BuildStatus): Diagnosis {
  const { projection, version, build: number } = build;
  return diagnose('ReadModelOfEarlierTimeline', {
    where: nameOf(build),
    what: `It was built on timeline ${build.log.timeline}, and the log is on ${log.timeline}; up to where it is, both are the same.`,
    fix: 'counts its positions as of the present timeline, from which it goes on',
    repair: () => rowsOf(patient.pools.query_db, 'doctor/adopt_build', [projection, version, number, log.id, log.timeline]),
  });
}

function lost(patient: Patient, build: BuildStatus, { position, standing }: { position: number; standing: Standing }): Diagnosis {
  const declared = patient.application.projections.find(({ name, version }) => name === build.projection && version === build.version);
  const isRebuilt = build.active && declared !== undefined;
  const until =
    standing.kind === 'beyond' ? `the log has its history up to ${standing.until} only` : `its log is ${build.log.id}, another one`;
  return diagnose('ReadModelOfLostHistory', {
    where: nameOf(build),
    what: `It is at position ${position} of timeline ${build.log.timeline}, and ${until}.`,
    fix: isRebuilt
      ? 'drops it and builds it from the log; queries that read it are answered with BuildNotReady until that is done'
      : 'drops it; nobody reads it',
    repair: async () => {
      await new PostgresReadModelBuilds({ pool: patient.pools.query_db }).drop(buildName(build));
      if (isRebuilt) await rebuild(patient, declared);
    },
  });
}

async function rebuild({ urls, application, applicationModule, keys, operator, signal }: Patient, projection: Projection): Promise<void> {
  await ensureBuilt(urls.service, {
    application,
    ...(applicationModule !== undefined && { applicationModule }),
    applicationName: 'kiroku-doctor',
    keys,
    owner: `doctor of ${operator.name}`,
    projections: [projection],
    signal: signal ?? new AbortController().signal,
    failsWithJob: true,
  });
  if (signal?.aborted)
    throw new KirokuError('Stopping', `Interrupted; ${projection.name} is not built yet, and its job is left to the next.`);
}

function buildName({ projection: name, version, build }: BuildStatus) {
  return { projection: { name, version }, build };
}

function nameOf({ projection, version, build, active }: BuildStatus): string {
  return `read model ${projection}, version ${version}, build ${build}${active ? '' : ', which is not read'}`;
}
