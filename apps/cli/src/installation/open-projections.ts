import { connectionUrls, type Installation, openProjectionStores, type ProjectionStores } from '@kiroku/operations';
import { keysOf } from './keys-of.ts';

/** What verbs on the projections of an installation work with. */
export async function openProjections(installation: Installation): Promise<ProjectionStores & AsyncDisposable> {
  const { application } = installation.config;
  const databases = await connectionUrls(installation, 'service');
  return openProjectionStores(databases, { application, applicationName: 'kiroku-cli', keys: keysOf(installation) });
}
