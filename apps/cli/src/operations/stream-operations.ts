import { StreamsClient } from '@kiroku/client';
import { connectionUrls, openStreamStores, revealStateOfStream, type StateOfStream, stateOfStream } from '@kiroku/operations';
import type { Command } from 'commander';
import { installationOf } from '../commands/global-options.ts';
import { keysOf } from '../installation/keys-of.ts';
import { type GlobalFlags, readOperator } from '../installation/read-installation.ts';
import type { RemoteFlag } from './operations.ts';

/** The verbs on single streams: on the databases of an installation or, through its gateway, from elsewhere. */
export interface StreamOperations {
  /** `reveal`: with personal fields decrypted, which is recorded in the audit log. */
  stateOfStream(wanted: StateOfStream, options: { readonly reveal: boolean }): Promise<unknown>;
}

/** Where a verb works: on the databases, or through the gateway. */
export async function streamOperationsOf(command: Command): Promise<StreamOperations> {
  const flags = command.optsWithGlobals<GlobalFlags & RemoteFlag>();
  if (flags.remote !== undefined) return new StreamsClient({ url: flags.remote, operator: readOperator(flags) });
  const installation = await installationOf(command);
  const { config, operator } = installation;
  return {
    stateOfStream: async (wanted, { reveal }) => {
      const options = { application: config.application, keys: keysOf(installation), applicationName: 'kiroku-cli' };
      await using stores = openStreamStores(await connectionUrls(installation, 'service'), options);
      return await (reveal ? revealStateOfStream(stores, { ...wanted, operator }) : stateOfStream(stores, wanted));
    },
  };
}
