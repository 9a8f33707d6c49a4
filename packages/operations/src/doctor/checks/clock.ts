import { databaseClock } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import { foundInEach } from '../parts-of-check.ts';
import type { DoctorCheck, Patient } from '../patient.ts';
import { foundOnServers, type Server } from '../servers.ts';

const mostSkewMs = 5_000;

/** Clocks: of the servers against this machine's, and of the log against its server's. */
export const clock: DoctorCheck = {
  name: 'clock',
  find: (patient) => foundInEach([foundOnServers(patient, (server) => ofServer(server, patient)), ofLog(patient)]),
};

async function ofServer({ name, pool }: Server, { place = 'this machine' }: Patient): Promise<readonly Diagnosis[]> {
  const before = Date.now();
  const there = await databaseClock(pool);
  const skewMs = there < before ? there - before : Math.max(0, there - Date.now());
  if (Math.abs(skewMs) <= mostSkewMs) return [];
  const what = `Its clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ${place}'s. See that both are kept by NTP.`;
  return [diagnose('ClockSkew', { where: name, what })];
}

async function ofLog({ log, pools }: Patient): Promise<readonly Diagnosis[]> {
  const { recordedAt } = await log();
  const now = await databaseClock(pools.event_store);
  const aheadMs = recordedAt === undefined ? 0 : Date.parse(recordedAt) - now;
  if (aheadMs <= mostSkewMs) return [];
  const what = `The last event was recorded at ${recordedAt}, ${Math.round(aheadMs / 1_000)} s from now by the clock of the server.`;
  return [diagnose('LogInFuture', { where: 'event_store', what })];
}
