import { connectionUrls, openReplayStores, type ReplayStores } from '@kiroku/operations';
import type { Command } from 'commander';
import { keysOf } from '../installation/keys-of.ts';
import { installationOf } from './global-options.ts';

/** Opens what replays work with in the command's installation. */
export async function useReplay<T>(command: Command, use: (stores: ReplayStores) => Promise<T>): Promise<T> {
  const installation = await installationOf(command);
  const { application } = installation.config;
  await using stores = openReplayStores(await connectionUrls(installation, 'service'), { application, keys: keysOf(installation) });
  return await use(stores);
}
