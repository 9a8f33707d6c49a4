import type { RecordedAction } from '@kiroku/core';
import type { Command } from 'commander';
import colors from 'picocolors';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { formatTime } from '../output/format-job.ts';
import { print, printJson, printTable } from '../output/print.ts';
import { moment } from './moments.ts';
import { wholeNumber } from './numbers.ts';

interface AuditFlags {
  readonly user?: string;
  readonly verb?: string;
  readonly since?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('show what operators changed: who, when, why, and how it ended')
    .option('--user <name>', 'only what this operator did, e.g. ada@build-1')
    .option('--verb <verb>', 'only this verb, e.g. migrate or "job cancel"')
    .option('--since <when>', 'not before: 24h, 7d, 2026-11-24, 2026-11-24T10:00:00Z', (text) => moment(text))
    .option('--limit <n>', 'entries at most', wholeNumber(1), 50)
    .addOption(remoteOption())
    .option('--json', 'as a JSON array, with what was before and after')
    .action(async ({ user, verb, since, limit, json = false }: AuditFlags, command: Command) => {
      const filter = {
        limit,
        ...(user !== undefined && { operator: user }),
        ...(verb !== undefined && { verb }),
        ...(since !== undefined && { since }),
      };
      const actions = await (await operationsOf(command)).listActions(filter);
      if (json) printJson(actions);
      else if (actions.length === 0) print('There is nothing like that in the audit log.');
      else printTable(['when', 'who', 'from', 'what', 'outcome', 'why'], actions.map(actionRow));
    });
}

function actionRow({ at, operator, source, verb, arguments: given, outcome, reason }: RecordedAction): readonly string[] {
  const what = Object.keys(given).length === 0 ? verb : `${verb} ${colors.dim(JSON.stringify(given))}`;
  const ended = outcome === undefined ? colors.yellow('no end') : outcome.succeeded ? colors.green('done') : colors.red(outcome.error);
  return [formatTime(at), operator, source ?? '-', what, ended, reason ?? '-'];
}
