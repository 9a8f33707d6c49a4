import { KirokuError } from '@kiroku/core';
import type { Installation } from '../config/installation.ts';
import { restoreEmbedded } from '../restore-embedded/restore-embedded.ts';
import { restoreDumps } from '../restore-servers/restore-dumps.ts';
import { restorePgBackRest } from '../restore-servers/restore-pgbackrest.ts';
import type { RestorePlan } from './plan-restore.ts';
import type { RestoreOptions, RestoreProgress } from './restore-options.ts';
import type { RestoredPlace } from './restored-place.ts';

export interface BesideOptions extends Pick<RestoreOptions, 'repository' | 'signal'> {
  readonly stamp: string;
  readonly onProgress: (progress: RestoreProgress) => void;
  /** What is restored is thrown away: nothing need be durable, and the machine in use counts as lost. Default false. */
  readonly isDrill?: boolean;
}

/** Restores the databases beside those in use, the way the backup was made. */
export function restoreBeside(installation: Installation, plan: RestorePlan, options: BesideOptions): Promise<RestoredPlace> {
  const { manifest, target } = plan;
  const { repository, stamp, signal } = options;
  const counted = (unit: string) => (progress: { readonly done: number; readonly total: number }) =>
    options.onProgress({ kind: 'progress', unit, ...progress });
  const common = { stamp, ...(signal && { signal }) };
  switch (manifest.method) {
    case 'embedded':
      return restoreEmbedded(installation, {
        ...common,
        repository,
        manifest,
        target,
        isDrill: options.isDrill ?? false,
        onProgress: (progress) => options.onProgress({ kind: 'progress', ...progress }),
        onNotice: (text) => options.onProgress({ kind: 'step', text }),
      });
    case 'pg_dump':
      if (target.kind !== 'end of backup') throw onlyWhole(manifest.id);
      return restoreDumps(installation, { ...common, repository, manifest, onProgress: counted('bytes') });
    case 'pgbackrest':
      return restorePgBackRest(installation, { ...common, manifest, target, onProgress: counted('servers') });
  }
}

function onlyWhole(id: string): KirokuError {
  return new KirokuError(
    'RestoreRefused',
    `Backup ${id} is a dump, which can be restored only as it is: \`--backup ${id}\`, or \`--latest\`.`,
  );
}
