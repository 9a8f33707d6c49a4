import type { ObjectStore } from '../ports/object-store.ts';
import type { RepositorySettings } from '../repository-settings.ts';
import { DirectoryStore } from './directory-store.ts';

/** The place that the settings name. AWS's client is only loaded for a bucket: that takes half a second. */
export async function openStore(settings: Pick<RepositorySettings, 'place' | 's3'>): Promise<ObjectStore> {
  if (!settings.place.startsWith('s3://')) return new DirectoryStore(settings.place);
  const { connectS3 } = await import('./connect-s3.ts');
  return connectS3(settings);
}
