import type { VersionStatus } from '@kiroku/core';
import { PostgresReadModelBuilds } from '@kiroku/postgres';
import { arePilingUp, spareBuilds } from '../../projection-list/spare-builds.ts';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** Builds of read models that are kept and followed for nobody. To drop them is an operator's decision: there is no way back but a rebuild. */
export const builds: DoctorCheck = {
  name: 'builds',
  async find({ pools }) {
    const versions = await new PostgresReadModelBuilds({ pool: pools.query_db }).versions();
    return versions.flatMap(judge);
  },
};

function judge(status: VersionStatus): readonly Diagnosis[] {
  const { projection, version, activeBuild } = status;
  const spare = spareBuilds(status);
  if (activeBuild === undefined || !arePilingUp(spare)) return [];
  const what = `${spare.length} builds are kept and followed that nobody reads and no rollback leads to: ${shown(spare)}. Retire them: \`kiroku projection retire ${projection} --version ${version}\` says what it drops, and does it with --yes.`;
  return [diagnose('BuildsPileUp', { where: `read model ${projection}, version ${version}`, what })];
}

function shown(spare: readonly number[]): string {
  const last = spare.at(-1);
  return spare.length <= 5 ? spare.join(', ') : `${spare.slice(0, 3).join(', ')} … ${last}`;
}
