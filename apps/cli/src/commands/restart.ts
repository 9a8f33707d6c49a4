import { planRestart, type Restarted, type RestartPlan, restartService } from '@kiroku/operations';
import type { Command } from 'commander';
import { isAgreedTo } from '../output/ask.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface RestartFlags {
  readonly recreate?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addRestart(program: Command): void {
  program
    .command('restart')
    .argument('<service>', 'name of the service, as `kiroku status` shows it')
    .option('--recreate', 'start it from nothing: as the configuration file says now, and with its logs put aside')
    .option('--yes', 'do it though requests may fail until it is ready again')
    .option('--dry-run', 'only say what would happen')
    .option('--json', 'as one JSON document')
    .action(async (service: string, { recreate = false, yes = false, dryRun = false, json = false }: RestartFlags, command: Command) => {
      const installation = await installationOf(command);
      const plan = await planRestart(installation, { service, recreate });
      if (dryRun) return json ? printJson({ plan }) : print(planLine(plan));
      if (plan.serving && !yes && !(await isAgreedTo(`${planLine(plan)} Restart it?`))) {
        printError(`${planLine(plan)} Nothing was changed. Add --yes to restart it.`);
        process.exitCode = exitCodes.failed;
        return;
      }
      const restarted = await restartService(installation, plan);
      if (json) printJson(restarted);
      else print(restartedLine(restarted));
    });
}

function planLine({ service, pid, serving, recreate }: RestartPlan): string {
  const is = pid === undefined ? `${service} is down` : `${service} is process ${pid}`;
  const how = recreate ? ' and would be started from nothing' : ' and would be started anew';
  return `${is}${how}.${serving ? ' It takes requests, and those that come until it is ready again may fail.' : ' It takes no requests now.'}`;
}

function restartedLine({ service, before, pid, killed, logsPutAside, seconds }: Restarted): string {
  const was = before === undefined ? 'it was down' : `process ${before} ${killed ? 'did not stop in time and was killed' : 'stopped'}`;
  const aside = logsPutAside === undefined ? '' : ` Its logs of before are in ${logsPutAside}.`;
  return `${service} is ready as process ${pid} after ${seconds.toFixed(1)} s; ${was}.${aside}`;
}
