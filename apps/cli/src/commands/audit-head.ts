import type { Command } from 'commander';
import { auditOperationsOf } from '../operations/audit-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { printJsonLine } from '../output/print.ts';

export function addAuditHead(audit: Command): void {
  audit
    .command('head')
    .description('the heads of the audit')
    .command('export')
    .description(
      'write where the chains end and their hashes, each as one line of JSON; keep them where nobody who can change the database can change them',
    )
    .addOption(remoteOption())
    .action(async (_flags: object, command: Command) => {
      await using operations = await auditOperationsOf(command);
      const exportedAt = new Date().toISOString();
      for (const head of await operations.heads()) printJsonLine({ ...head, exportedAt });
    });
}
