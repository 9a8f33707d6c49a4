import { CachesClient } from '@kiroku/client';
import {
  type CacheWarmup,
  type ClearedCache,
  cacheAddresses,
  clearCaches,
  connectionUrls,
  type Installation,
  type OperatingStores,
  openOperatingStores,
  type ProcessCache,
  readCaches,
  type WarmedCache,
  warmUpCaches,
} from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

/** The verbs on caches of answers: on the gateways of an installation or, through one of them, from elsewhere. */
export interface CacheOperations {
  listCaches(): Promise<readonly ProcessCache[]>;
  clearCaches(choice: { readonly query?: string }): Promise<readonly ClearedCache[]>;
  warmUpCaches(warmup: CacheWarmup): Promise<readonly WarmedCache[]>;
}

/** Where a verb works: on the gateways, or through one. */
export async function cacheOperationsOf(command: Command): Promise<CacheOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new CachesClient({ url: flags.remote, operator: readOperator(flags) });
  return onGateways(await installationOf(command));
}

function onGateways(installation: Installation): CacheOperations {
  const addresses = cacheAddresses(installation);
  const { operator } = installation;
  const audited = async <T>(run: (stores: Pick<OperatingStores, 'audit'> & { readonly addresses: typeof addresses }) => Promise<T>) => {
    await using stores = openOperatingStores(await connectionUrls(installation, 'service'), 'kiroku-cli');
    return await run({ addresses, audit: stores.audit });
  };
  return {
    listCaches: () => readCaches(addresses),
    clearCaches: (choice) => audited((stores) => clearCaches(stores, { ...choice, operator })),
    warmUpCaches: (warmup) => audited((stores) => warmUpCaches(stores, { warmup, operator })),
  };
}
