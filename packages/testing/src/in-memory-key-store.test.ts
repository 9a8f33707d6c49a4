import { keyStoreContract } from './contracts/key-store-contract.ts';
import { InMemoryKeyStore } from './in-memory-key-store.ts';

keyStoreContract('InMemoryKeyStore', async () => {
  const store = new InMemoryKeyStore();
  return { store, reopened: async () => store, [Symbol.asyncDispose]: async () => undefined };
});
