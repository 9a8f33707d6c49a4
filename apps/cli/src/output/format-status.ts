import { type DatabaseStatus, isFaultyDatabase, isFaultyWork, type ServiceStatus, type Status, type WorkStatus } from '@kiroku/operations';
import colors from 'picocolors';
import { formatDuration } from './duration.ts';
import { databaseState } from './format-health.ts';
import { formatProjectionRow } from './format-projection.ts';
import { pointingTo, pointingToServices, sayingOnce, untold } from './told-reasons.ts';

/** Columns of `kiroku status`. */
export const statusColumns = ['part', 'state', 'what'] as const;

type Row = readonly string[];

/** One row for each service, database, projection and part of the background work, and for what is not seen. `now`: milliseconds since 1970. */
export function formatStatusRows(status: Status, now: number): readonly Row[] {
  const { services, databases, projections = [], work = [] } = status;
  const whyOfWork = sayingOnce((reason = '') => reason);
  return [
    ...services.map((service) => serviceRow(service, { now, why: pointingToServices(services, pointingTo(databases)) })),
    ...databases.map(databaseRow),
    ...projections.map((projection): Row => {
      const [name, version, build, state, lag, parked, rows, size, , ...reasons] = formatProjectionRow(projection);
      const behind = lag === '-' ? [] : lag === '?' ? ['not known how far behind'] : [`${lag} behind`];
      const kept = parked === '-' ? [] : [`${parked} parked`];
      const what = [`build ${build}`, ...behind, ...kept, `${rows} ${rows === '1' ? 'row' : 'rows'}`, size].join(', ');
      return [`projection ${name}@${version}`, state ?? '', what, ...reasons];
    }),
    ...work.map((each) => workRow(each, whyOfWork)),
    ...untold(status).map(({ name, reason }): Row => [name, colors.red('unseen'), reason]),
  ];
}

function serviceRow(service: ServiceStatus, told: { readonly now: number; readonly why: (reason: string) => string }): Row {
  const { name, ready, state, reason = 'it gave no reason', silent, url, pid, startedAt, restarts } = service;
  const shown = ready ? (state === 'degraded' ? colors.yellow(state) : colors.green(state)) : colors.red(state);
  const hangs = silent === true && pid !== undefined; // a process that is gone is started again
  const why = ready ? '' : `: ${told.why(reason)}${hangs ? `. If that lasts, it hangs: \`kiroku restart ${name}\`` : ''}`; // last, as it may be long
  const run = pid === undefined ? [] : [`process ${pid}`];
  const up = startedAt === undefined ? [] : [`up ${formatDuration(told.now - Date.parse(startedAt))}`];
  return [
    name,
    shown,
    [url, ...run, ...up, ...(restarts === 0 ? [] : [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`])].join(', ') + why,
  ];
}

function databaseRow(database: DatabaseStatus): Row {
  const { name, migration, pending, reason, warning } = database;
  const state = isFaultyDatabase(database) ? colors.red(databaseState(database)) : colors.green(databaseState(database));
  const migrated =
    reason ?? (pending === 0 ? `migration ${migration}, up to date` : colors.yellow(`migration ${migration}, ${pending} pending`));
  return [name, state, warning === undefined ? migrated : colors.yellow(`${migrated}; ${warning}`)];
}

function workRow(work: WorkStatus, why: (name: string, reason: string | undefined) => string): Row {
  const paint = isFaultyWork(work) ? colors.red : work.state === 'running' ? colors.green : colors.yellow;
  return [work.name, paint(work.state), why(work.name, work.reason)];
}
