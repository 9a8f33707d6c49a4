import type { Command } from 'commander';
import { addAuditHead } from './audit-head.ts';
import { addAuditList } from './audit-list.ts';
import { addAuditVerify } from './audit-verify.ts';

export function addAudit(program: Command): void {
  const audit = program.command('audit');
  for (const add of [addAuditList, addAuditVerify, addAuditHead]) add(audit);
}
