import type { Installation, ProjectionStores } from '@kiroku/operations';
import type { Command } from 'commander';
import { openProjections } from '../installation/open-projections.ts';
import { installationOf } from './global-options.ts';

/** Opens what projection verbs work with, in the command's installation. */
export async function useProjections<T>(
  command: Command,
  use: (stores: ProjectionStores, installation: Installation) => Promise<T>,
): Promise<T> {
  const installation = await installationOf(command);
  await using stores = await openProjections(installation);
  return await use(stores, installation);
}
