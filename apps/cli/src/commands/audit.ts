import type { Command } from 'commander';
import { addAuditHead } from './audit-head.ts';
import { addAuditList } from './audit-list.ts';
import { addAuditVerify } from './audit-verify.ts';

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('who sent which command, and what operators changed: when, why, and how it ended');
  for (const add of [addAuditList, addAuditVerify, addAuditHead]) add(audit);
}
