import { Cron } from 'croner';
import { describe, expect, test } from 'vitest';
import { installationIn, onlyWhenAsked } from '../config/installation.test-service.ts';
import { backupTimetable } from './backup-schedule.ts';
import { onCalendar } from './on-calendar.ts';

describe('a time of a crontab for systemd', () => {
  test.each([
    ['0 2 * * *', ['*-*-* 02:00:00']],
    ['0 4 * * 0', ['Sun *-*-* 04:00:00']],
    ['0 4 * * 7', ['Sun *-*-* 04:00:00']],
    ['*/20 1-3 * * mon-wed', ['Mon,Tue,Wed *-*-* 01,02,03:00,20,40:00']],
    ['5 * 1 jan,12 *', ['*-01,12-01 *:05:00']],
    ['0 0 1 * 5', ['*-*-01 00:00:00', 'Fri *-*-* 00:00:00']],
  ])('%s', (schedule, expected) => {
    expect(onCalendar(schedule)).toEqual(expected);
    expect(new Cron(schedule).nextRun()).toBeInstanceOf(Date);
  });
});

describe('a timetable', () => {
  const installation = installationIn('/srv/my shop', { backup: { ...onlyWhenAsked, schedule: '0 2 * * *', drillSchedule: '0 4 * * 0' } });
  const options = { command: ['/usr/bin/node', '/opt/kiroku.mjs'], user: 'shop', envFile: '/etc/kiroku/100%.env' };

  test('has a line of crontab for each task, in which nothing means something else to cron or the shell', () => {
    const environment = String.raw`set -a && . /etc/kiroku/100\%.env && set +a`;
    const call = '/usr/bin/node /opt/kiroku.mjs';
    expect(backupTimetable(installation, options).cron).toEqual([
      `0 2 * * * cd '/srv/my shop' && ${environment} && ${call} backup create && ${call} backup prune --yes`,
      `0 4 * * 0 cd '/srv/my shop' && ${environment} && ${call} restore drill`,
    ]);
  });

  test('has a service and a timer for systemd for each task', () => {
    const { systemd } = backupTimetable(installation, options);
    expect(systemd.map(({ file }) => file)).toEqual([
      'kiroku-test-backup.service',
      'kiroku-test-backup.timer',
      'kiroku-test-drill.service',
      'kiroku-test-drill.timer',
    ]);
    expect(systemd[0]?.content).toMatch(
      /^User=shop\nWorkingDirectory=\/srv\/my shop\nEnvironmentFile=\/etc\/kiroku\/100%%\.env\nExecStart=\/usr\/bin\/node \/opt\/kiroku\.mjs backup create\nExecStart=.* backup prune --yes$/m,
    );
    expect(systemd[3]?.content).toMatch(/^OnCalendar=Sun \*-\*-\* 04:00:00\nPersistent=true$/m);
  });

  test('has keys of personal data kept each minute, where nothing else does, and where they can be encrypted', () => {
    const url = 'postgres://db/shop';
    const onServers = { ...installation, databases: { event_store: url, command_db: url, query_db: url } };
    expect(backupTimetable(onServers, options).cron).toHaveLength(2);
    const repository = { place: '/backups', key: 'a secret of thirty-two characters' };
    const { cron, systemd } = backupTimetable({ ...onServers, backup: { ...installation.backup, repository } }, options);
    expect(cron[2]).toMatch(/^\* \* \* \* \* cd .* backup keys$/);
    expect(systemd.at(-1)).toMatchObject({ file: 'kiroku-test-keys.timer', content: expect.stringContaining('OnCalendar=*-*-* *:*:00') });
  });

  test('leaves out what is off, and variables that nobody named a file for', () => {
    const off = { ...installation, backup: { ...installation.backup, schedule: undefined } };
    const { cron, systemd } = backupTimetable(off, { ...options, envFile: undefined });
    expect(cron).toEqual([`0 4 * * 0 cd '/srv/my shop' && /usr/bin/node /opt/kiroku.mjs restore drill`]);
    expect(systemd).toHaveLength(2);
  });
});
