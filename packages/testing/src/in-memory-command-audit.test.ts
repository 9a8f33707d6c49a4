import { commandAuditContract } from './contracts/command-audit-contract.ts';
import { InMemoryCommandAudit } from './in-memory-command-audit.ts';

commandAuditContract('InMemoryCommandAudit', async () => ({
  audit: new InMemoryCommandAudit(),
  [Symbol.asyncDispose]: async () => undefined,
}));
