import { readModelStoreContract } from './contracts/read-model-store-contract.ts';
import { InMemoryReadModelStore } from './in-memory-read-model-store.ts';

readModelStoreContract('InMemoryReadModelStore', async () => {
  const store = new InMemoryReadModelStore();
  return {
    store,
    rows: (projection, table) => store.rows(projection, table),
    [Symbol.asyncDispose]: async () => undefined,
  };
});
