import { snapshotStoreContract } from './contracts/snapshot-store-contract.ts';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.ts';

snapshotStoreContract('InMemorySnapshotStore', async () => {
  const store = new InMemorySnapshotStore();
  return { store, damage: async (key) => store.damage(key), [Symbol.asyncDispose]: async () => undefined };
});
