import { consumerStoreContract } from './contracts/consumer-store-contract.ts';
import { InMemoryConsumerStore } from './in-memory-consumer-store.ts';

consumerStoreContract('InMemoryConsumerStore', async () => ({
  store: new InMemoryConsumerStore(),
  [Symbol.asyncDispose]: async () => undefined,
}));
