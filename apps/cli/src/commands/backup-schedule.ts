import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { backupTimetable } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { GlobalFlags } from '../installation/read-installation.ts';
import { print, printError, printJson } from '../output/print.ts';
import { installationOf } from './global-options.ts';

interface ScheduleFlags {
  readonly envFile?: string;
  readonly user?: string;
  readonly json?: boolean;
}

export function addBackupSchedule(backup: Command): void {
  backup
    .command('schedule')
    .description(
      'what to tell cron or systemd so that backups are made, pruned and tried by themselves; `kiroku up` does it itself when embedded',
    )
    .option('--env-file <file>', 'where BACKUP_URL and the like stand, as lines of NAME=value')
    .option('--user <name>', 'who it runs as (default: you)')
    .option('--json', 'as one JSON document')
    .action(async ({ envFile, user = userInfo().username, json = false }: ScheduleFlags, command: Command) => {
      const installation = await installationOf(command);
      const { config } = command.optsWithGlobals<GlobalFlags>();
      const program = [
        process.execPath,
        realpathSync(process.argv[1] ?? ''),
        ...(config === undefined ? [] : ['--config', resolve(config)]),
      ];
      const file = envFile === undefined ? undefined : resolve(envFile);
      const timetable = backupTimetable(installation, { command: program, envFile: file, user });
      if (json) return printJson(timetable);
      if (timetable.cron.length === 0) return print('BACKUP_SCHEDULE and BACKUP_DRILL_SCHEDULE are off.');
      print(`# crontab -u ${user} -e`);
      for (const line of timetable.cron) print(line);
      for (const { file: unit, content } of timetable.systemd) print(`\n# /etc/systemd/system/${unit}\n${content.trimEnd()}`);
      const timers = timetable.systemd.flatMap(({ file: unit }) => (unit.endsWith('.timer') ? [unit] : []));
      print(`\n# Either of the two. For systemd, then: systemctl daemon-reload && systemctl enable --now ${timers.join(' ')}`);
      if (envFile === undefined)
        printError(
          `${colors.yellow('!')} Neither knows the variables of this shell. Put them into a file that only ${user} may read, and name it: --env-file FILE`,
        );
    });
}
