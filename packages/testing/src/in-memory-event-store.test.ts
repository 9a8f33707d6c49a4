import { eventStoreContract } from './contracts/event-store-contract.ts';
import { InMemoryEventStore } from './in-memory-event-store.ts';

eventStoreContract('InMemoryEventStore', async () => new InMemoryEventStore());
