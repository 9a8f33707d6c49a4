import type { BuildStatus, VersionStatus } from '@kiroku/core';
import { parkedReference } from '../projection-parked/parked-reference.ts';
import type { PersonalReach } from './personal-reach.ts';
import { type Place, rebuildCommand } from './place.ts';
import type { PrivacyFacts } from './privacy-facts.ts';

/** A build that may have rows from before. */
interface OldBuild {
  readonly version: VersionStatus;
  readonly build: BuildStatus;
  readonly declared: boolean;
}

/** Read models with builds that were made before the subject was forgotten, and what is parked of these. */
export function readModelPlaces(facts: PrivacyFacts, reach: PersonalReach): readonly Place[] {
  const { versions = [] } = facts;
  const names = [...new Set(versions.map(({ projection }) => projection))].filter((name) => reach.readsProjection(name));
  return names.flatMap((name) => {
    const old = oldBuilds(facts, name);
    if (old.length === 0) return [];
    const commands = commandsFor(name, old);
    return [
      { kind: 'read model' as const, where: name, holds: old.map(describe).join(', '), commands },
      ...parkedPlaces(facts, reach, { name, old, commands }),
    ];
  });
}

function oldBuilds(facts: PrivacyFacts, name: string): readonly OldBuild[] {
  const declared = facts.application.projections.find((projection) => projection.name === name);
  const versions = (facts.versions ?? []).filter(({ projection }) => projection === name);
  return versions.flatMap((version) =>
    version.builds
      .filter((build) => build.state !== 'retired' && !isClean(build, facts))
      .map((build) => ({ version, build, declared: version.version === declared?.version })),
  );
}

/** Made after the key was gone from every memory, and from the log alone. */
function isClean({ createdAt, job }: BuildStatus, { cleanFrom, wholeJobs }: PrivacyFacts): boolean {
  if (cleanFrom === undefined || Date.parse(createdAt) < cleanFrom) return false;
  return job === undefined || wholeJobs?.has(job) === true;
}

function describe({ version, build, declared }: OldBuild): string {
  const of = declared ? `build ${build.build}` : `version ${version.version} build ${build.build}`;
  if (build.state === 'building') return `${of} (being made)`;
  if (!declared) return version.instances.length > 0 ? `${of} (needed by ${version.instances.join(', ')}, until they are stopped)` : of;
  if (build.active) return `${of} (read)`;
  return build.build === version.previousBuild ? `${of} (for a rollback)` : of;
}

function commandsFor(name: string, old: readonly OldBuild[]): readonly string[] {
  const making = old.flatMap(({ build: { state, job } }) =>
    state === 'building' && job !== undefined ? [`kiroku job cancel ${job}`] : [],
  );
  const own = old.filter(({ declared, build }) => declared && build.state !== 'building');
  const read = own.some(({ build }) => build.active);
  const left = new Set(old.filter(({ declared }) => !declared).map(({ version }) => version.version));
  return [
    ...making,
    ...(read ? [rebuildCommand(name)] : []),
    ...own.map(({ build }) => `kiroku projection retire ${name} --build ${build.build} --yes`),
    ...[...left].map((version) => `kiroku projection retire ${name} --version ${version} --yes`),
  ];
}

/** They go with their builds. */
function parkedPlaces(
  { parked = [] }: PrivacyFacts,
  reach: PersonalReach,
  { name, old, commands }: { readonly name: string; readonly old: readonly OldBuild[]; readonly commands: readonly string[] },
): readonly Place[] {
  const isOld = (key: { readonly version: number; readonly build: number }) =>
    old.some(({ version, build }) => version.version === key.version && build.build === key.build);
  const found = parked.filter((key) => key.projection === name && isOld(key) && reach.isOf([key.eventType]));
  const [first] = found;
  if (first === undefined) return [];
  const holds = `${found.length}, such as ${parkedReference(first)}: keys, and faults that may quote events; they go with their builds`;
  return [{ kind: 'parked keys', where: name, holds, commands }];
}
