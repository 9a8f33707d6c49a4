import { processManagerStoreContract } from './contracts/process-manager-store-contract.ts';
import { InMemoryProcessManagerStore } from './in-memory-process-manager-store.ts';

processManagerStoreContract('InMemoryProcessManagerStore', async () => {
  const store = new InMemoryProcessManagerStore();
  return {
    store,
    instance: (processManager, id) => store.instance(processManager, id),
    history: (processManager, instance) => store.history(processManager, instance),
    command: (id) => store.command(id),
    [Symbol.asyncDispose]: async () => undefined,
  };
});
