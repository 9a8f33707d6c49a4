import { databaseClock } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';
import { serversOf } from '../servers.ts';

const mostSkewMs = 5_000;

/** Clocks: of the servers against this machine's, and of the log against its server's. */
export const clock: DoctorCheck = {
  name: 'clock',
  async find(patient) {
    const found: Diagnosis[] = [];
    const { place = 'this machine' } = patient;
    for (const { name, pool } of await serversOf(patient)) {
      const before = Date.now();
      const there = await databaseClock(pool);
      const skewMs = there < before ? there - before : Math.max(0, there - Date.now());
      if (Math.abs(skewMs) > mostSkewMs) {
        const what = `Its clock is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ${place}'s. See that both are kept by NTP.`;
        found.push(diagnose('ClockSkew', { where: name, what }));
      }
    }
    const { recordedAt } = await patient.log();
    const now = await databaseClock(patient.pools.event_store);
    const aheadMs = recordedAt === undefined ? 0 : Date.parse(recordedAt) - now;
    if (aheadMs > mostSkewMs) {
      const what = `The last event was recorded at ${recordedAt}, ${Math.round(aheadMs / 1_000)} s from now by the clock of the server.`;
      found.push(diagnose('LogInFuture', { where: 'event_store', what }));
    }
    return found;
  },
};
