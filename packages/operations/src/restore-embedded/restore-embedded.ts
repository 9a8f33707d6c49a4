import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeServer, serverPlace, syncFiles } from '@kiroku/postgres';
import { connectionUrls, type Installation, urlsOnServer } from '../config/installation.ts';
import { migrateAll } from '../migrate/migrate-databases.ts';
import type { RestoredPlace } from '../restore/restored-place.ts';
import { markSeeded } from '../up/seed.ts';
import { asidePrefix } from './known-wal.ts';
import { type RestoreClusterOptions, restoreCluster } from './restore-cluster.ts';
import { switchCluster } from './switch-cluster.ts';

export interface RestoreEmbeddedOptions extends Omit<RestoreClusterOptions, 'directory'> {
  /** Names what is put aside: digits of a time. */
  readonly stamp: string;
}

/** Where a cluster is restored, beside the one in use. */
const beside = 'restoring';

/**
 * Restores the cluster into a directory beside the one in use, with a server of its own, and brings its databases to the present schema. What an
 * earlier restore left there is removed first. Throws what `restoreCluster` throws.
 */
export async function restoreEmbedded(installation: Installation, options: RestoreEmbeddedOptions): Promise<RestoredPlace> {
  const { home } = await serverPlace(join(installation.dataDirectory, 'postgres'));
  const directory = join(home.directory, beside);
  const server = await restoreCluster(installation, { ...options, directory });
  const discard = async () => {
    await server.stop();
    await removeServer(directory);
  };
  try {
    const urls = urlsOnServer(server.url);
    await migrateAll(urls, installation.operator);
    const aside = `${asidePrefix}${options.stamp}`;
    const isNew = (await stat(join(home.directory, 'cluster')).catch(() => undefined)) === undefined; // a new machine
    const kept = isNew ? 'nothing' : join(home.directory, aside);
    return {
      urls,
      switching: [`${directory}/cluster becomes ${home.directory}/cluster${isNew ? '' : `, which is kept as ${aside}`}`],
      switch: async () => {
        await server.stop();
        await syncFiles(join(directory, 'cluster'));
        await markSeeded(installation.dataDirectory); // on a new machine nothing says so yet
        const running = await switchCluster(installation, { incoming: `${beside}/cluster`, aside });
        await removeServer(directory);
        const inUse = await connectionUrls(installation, 'superuser');
        return { urls: inUse, aside: kept, todo: whatIsLeft(kept, { running, isNew }) };
      },
      discard,
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

function whatIsLeft(aside: string, { running, isNew }: { readonly running: boolean; readonly isNew: boolean }): readonly string[] {
  return [
    ...(running ? [] : ['`kiroku up` starts everything over what was restored.']),
    ...(isNew ? ['`kiroku backup continuous enable` keeps the write-ahead log here, too: on a new machine it is not yet.'] : []),
    '`kiroku backup create` begins the backups of this history.',
    ...(isNew ? [] : [`When nobody misses anything, remove ${aside}.`]),
  ];
}
