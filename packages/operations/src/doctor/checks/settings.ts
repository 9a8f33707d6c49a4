import { rowsOf } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { FindingCode } from '../finding-codes.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck, Found, Patient } from '../patient.ts';
import { foundOnServers, type Server } from '../servers.ts';

interface Advice {
  readonly code: FindingCode;
  readonly setting: string;
  readonly isWrong: (value: string) => boolean;
  readonly advice: string;
}

const advices: readonly Advice[] = [
  { code: 'NotDurable', setting: 'fsync', isWrong: (value) => value === 'off', advice: 'Set fsync = on and restart it.' },
  { code: 'NotDurable', setting: 'full_page_writes', isWrong: (value) => value === 'off', advice: 'Set full_page_writes = on and reload.' },
  {
    code: 'LessDurable',
    setting: 'synchronous_commit',
    isWrong: (value) => value === 'off',
    advice: 'Set synchronous_commit = on and reload.',
  },
  {
    code: 'NoChecksums',
    setting: 'data_checksums',
    isWrong: (value) => value === 'off',
    advice: 'Stop the server and run `pg_checksums --enable`: it reads all of it once.',
  },
  { code: 'NoArchive', setting: 'wal_level', isWrong: (value) => value === 'minimal', advice: 'Set wal_level = replica and restart it.' },
  {
    code: 'NoArchive',
    setting: 'archive_mode',
    isWrong: (value) => value === 'off',
    advice: '`kiroku backup continuous enable` has the log archived as it is written.',
  },
  { code: 'TimingOff', setting: 'track_io_timing', isWrong: (value) => value === 'off', advice: 'Set track_io_timing = on and reload.' },
];

/** How the servers keep what they are given. Explained only: what a server is set to is not the doctor's to change. */
export const settings: DoctorCheck = {
  name: 'settings',
  async find(patient) {
    return [...(await foundOnServers(patient, judge)), ...(await withoutStatements(patient))];
  },
};

async function judge({ name, pool }: Server): Promise<readonly Diagnosis[]> {
  const rows = await rowsOf<{ name: string; setting: string }>(pool, 'doctor/read_settings');
  const values = new Map(rows.map((row) => [row.name, row.setting]));
  return advices
    .filter(({ setting, isWrong }) => isWrong(values.get(setting) ?? ''))
    .map(({ code, setting, advice }) => diagnose(code, { where: name, what: `${setting} is ${values.get(setting)}. ${advice}` }));
}

async function withoutStatements({ pools }: Patient): Promise<readonly Found[]> {
  const without = new Set<string>();
  const asked = Object.entries(pools).map(async ([database, pool]) => {
    const [extension] = await rowsOf<{ there: boolean }>(pool, 'doctor/has_extension', ['pg_stat_statements']);
    if (extension?.there !== true) without.add(database);
    return [];
  });
  const unseen = await foundInEach(asked);
  if (without.size === 0) return unseen;
  const where = Object.keys(pools).filter((database) => without.has(database)); // not as they answered
  const what =
    'The extension pg_stat_statements is not there. Add it to shared_preload_libraries, restart the server, and `create extension pg_stat_statements` in each database.';
  return [diagnose('StatementsNotCounted', { where: where.join(', '), what }), ...unseen];
}
