import { jobStoreContract } from './contracts/job-store-contract.ts';
import { InMemoryJobStore } from './in-memory-job-store.ts';

jobStoreContract('InMemoryJobStore', async () => ({ store: new InMemoryJobStore(), [Symbol.asyncDispose]: async () => undefined }));
