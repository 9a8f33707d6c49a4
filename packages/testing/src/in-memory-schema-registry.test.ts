import { schemaRegistryContract } from './contracts/schema-registry-contract.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';
import { InMemorySchemaRegistry } from './in-memory-schema-registry.ts';

schemaRegistryContract('InMemorySchemaRegistry', async () => {
  const eventStore = new InMemoryEventStore();
  return { registry: new InMemorySchemaRegistry({ eventStore }), eventStore, [Symbol.asyncDispose]: async () => undefined };
});
