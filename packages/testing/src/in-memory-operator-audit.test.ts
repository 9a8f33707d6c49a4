import { operatorAuditContract } from './contracts/operator-audit-contract.ts';
import { InMemoryOperatorAudit } from './in-memory-operator-audit.ts';

operatorAuditContract('InMemoryOperatorAudit', async () => ({
  audit: new InMemoryOperatorAudit(),
  [Symbol.asyncDispose]: async () => undefined,
}));
