import { readModelStoreContract } from './contracts/read-model-store-contract.ts';
import { InMemoryReadModelStore } from './in-memory-read-model-store.ts';

readModelStoreContract('InMemoryReadModelStore', async () => {
  const store = new InMemoryReadModelStore();
  return {
    store,
    rows: (projection, table, build) => store.rows(projection, table, build),
    setPaused: (projection, paused) => store.setPaused(projection, paused),
    addBuild: (projection, log) => store.addBuild(projection, log),
    switchTo: (projection, build) => store.switchTo(projection, build),
    [Symbol.asyncDispose]: async () => undefined,
  };
});
