import {
  type DatabaseUrls,
  openAuditStores,
  openConsumerStores,
  openOperatingStores,
  openProjectionStores,
  openReplayStores,
  openSagaStores,
  openServiceDoctor,
  openStreamStores,
} from '@kiroku/operations';
import { FileKeyStore } from '@kiroku/service';
import { shop } from '@kiroku/shop';
import type { OperationsApiOptions } from './operations-api.ts';

export interface OpenOperations {
  /** Without it there is no operations API. */
  readonly commandDb: string | undefined;
  /** Without them it has what is in command_db alone. */
  readonly databases: DatabaseUrls | undefined;
  readonly keys: ConstructorParameters<typeof FileKeyStore>[0];
}

const applicationName = 'kiroku-client-service';

/** Opens what the operations API works with. Connects when first used. */
export function openOperations({
  commandDb,
  databases,
  keys: keyOptions,
}: OpenOperations): (OperationsApiOptions & AsyncDisposable) | undefined {
  if (commandDb === undefined) return undefined;
  const options = { application: shop, keys: new FileKeyStore(keyOptions), applicationName };
  const stores = openOperatingStores({ command_db: commandDb }, applicationName);
  const sagas = openSagaStores({ command_db: commandDb }, options);
  const audit = openAuditStores(databases ?? { command_db: commandDb }, applicationName);
  const all = databases && {
    projections: openProjectionStores(databases, options),
    consumers: openConsumerStores(databases, options),
    moments: openReplayStores(databases, options),
    streams: openStreamStores(databases, options),
    doctor: openServiceDoctor({
      urls: databases,
      application: shop,
      keys: options.keys,
      keyDirectory: keyOptions.directory,
      place: 'the gateway',
    }),
  };
  const opened: readonly AsyncDisposable[] = [stores, sagas, audit, ...Object.values(all ?? {})];
  return {
    stores,
    sagas,
    audit,
    ...all,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
