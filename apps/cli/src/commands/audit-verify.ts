import { type AuditVerification, describeAuditFinding, readAuditHeadsFile } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { auditOperationsOf } from '../operations/audit-operations.ts';
import { remoteOption } from '../operations/operations.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printError, printJson } from '../output/print.ts';

interface VerifyFlags {
  readonly against?: string;
  readonly json?: boolean;
}

export function addAuditVerify(audit: Command): void {
  audit
    .command('verify')
    .description('prove that nobody has altered the audit, while it is in use; exit code 1 if something is wrong')
    .option('--against <file>', 'compare with the heads that `kiroku audit head export` wrote into this file')
    .addOption(remoteOption())
    .option('--json', 'as one JSON document')
    .action(async ({ against, json = false }: VerifyFlags, command: Command) => {
      const earlier = against === undefined ? [] : await readAuditHeadsFile(against);
      await using operations = await auditOperationsOf(command);
      const verification = await operations.verify(earlier);
      if (json) printJson(verification);
      else printVerification(verification);
      if (verification.findings.length > 0) process.exitCode = exitCodes.failed;
    });
}

function printVerification({ findings, heads }: AuditVerification): void {
  for (const finding of findings) print(`${colors.red('✗')} ${describeAuditFinding(finding)}`);
  const what = heads.map(({ chain, sequence }) => `${sequence.toLocaleString('en')} entries of ${chain}`).join(', ');
  if (findings.length === 0)
    print(`${colors.green('✓')} The audit is whole: ${what}. Accepted commands stand in the log: \`kiroku events verify --deep\`.`);
  else printError(`${findings.length.toLocaleString('en')} findings in ${what}. docs/runbooks/audit.md says what each means.`);
}
