import { jobStoreContract } from './contracts/job-store-contract.ts';
import { InMemoryJobStore } from './in-memory-job-store.ts';
import { InMemoryOperatorAudit } from './in-memory-operator-audit.ts';

jobStoreContract('InMemoryJobStore', async () => {
  const audit = new InMemoryOperatorAudit();
  return { audit, store: new InMemoryJobStore({ audit }), [Symbol.asyncDispose]: async () => undefined };
});
