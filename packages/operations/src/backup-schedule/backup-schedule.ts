import type { Installation } from '../config/installation.ts';
import { onCalendar } from './on-calendar.ts';

export interface ScheduleOptions {
  /** The command line with what its program needs before it, all absolute: `['/usr/bin/node', '/srv/shop/…/kiroku.mjs']`. */
  readonly command: readonly string[];
  /** Absolute: lines of `NAME=value`, which cron and systemd know nothing of otherwise. */
  readonly envFile?: string | undefined;
  /** Who it runs as. */
  readonly user: string;
}

export interface BackupTimetable {
  /** Lines for the crontab of the user. */
  readonly cron: readonly string[];
  /** Files for /etc/systemd/system. */
  readonly systemd: readonly { readonly file: string; readonly content: string }[];
}

interface Task {
  readonly name: string;
  readonly description: string;
  readonly schedule: string;
  /** One after the other, as long as they succeed. */
  readonly verbs: readonly (readonly string[])[];
}

/** What has to be told cron or systemd so that backups are made, pruned and tried by themselves. */
export function backupTimetable(
  { backup, root, config, databases }: Pick<Installation, 'backup' | 'root' | 'config' | 'databases'>,
  options: ScheduleOptions,
): BackupTimetable {
  const tasks: readonly Task[] = [
    ...(backup.schedule === undefined
      ? []
      : [
          {
            name: `kiroku-${config.name}-backup`,
            description: `Back ${config.name} up, and remove old backups`,
            schedule: backup.schedule,
            verbs: [
              ['backup', 'create'],
              ['backup', 'prune', '--yes'],
            ],
          },
        ]),
    ...(backup.drillSchedule === undefined
      ? []
      : [
          {
            name: `kiroku-${config.name}-drill`,
            description: `Try the newest backup of ${config.name}`,
            schedule: backup.drillSchedule,
            verbs: [['restore', 'drill']],
          },
        ]),
    // with the embedded server, `up` keeps them with the log
    ...(databases === undefined || backup.repository.key === undefined
      ? []
      : [
          {
            name: `kiroku-${config.name}-keys`,
            description: `Keep the keys of ${config.name}'s personal data that no backup has yet`,
            schedule: '* * * * *',
            verbs: [['backup', 'keys']],
          },
        ]),
  ];
  return {
    cron: tasks.map((task) => cronLine(task, root, options)),
    systemd: tasks.flatMap((task) => units(task, root, options)),
  };
}

function cronLine({ schedule, verbs }: Task, root: string, { command, envFile }: ScheduleOptions): string {
  const calls = verbs.map((verb) => [...command, ...verb].map(shellWord).join(' '));
  const environment = envFile === undefined ? [] : ['set -a', `. ${shellWord(envFile)}`, 'set +a'];
  const script = [`cd ${shellWord(root)}`, ...environment, ...calls].join(' && ');
  return `${schedule} ${script.replaceAll('%', '\\%')}`; // crontab(5): a % ends the line
}

function units({ name, description, schedule, verbs }: Task, root: string, { command, envFile, user }: ScheduleOptions) {
  const service = [
    '[Unit]',
    `Description=${description}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `User=${user}`,
    `WorkingDirectory=${root.replaceAll('%', '%%')}`,
    ...(envFile === undefined ? [] : [`EnvironmentFile=${envFile.replaceAll('%', '%%')}`]),
    ...verbs.map((verb) => `ExecStart=${[...command, ...verb].map(systemdWord).join(' ')}`),
  ];
  const timer = [
    '[Unit]',
    `Description=${description}`,
    '',
    '[Timer]',
    ...onCalendar(schedule).map((time) => `OnCalendar=${time}`),
    'Persistent=true',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ];
  return [
    { file: `${name}.service`, content: `${service.join('\n')}\n` },
    { file: `${name}.timer`, content: `${timer.join('\n')}\n` },
  ];
}

function shellWord(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function systemdWord(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /^[\w./:=@%+$-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
