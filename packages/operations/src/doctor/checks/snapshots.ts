import { rowsOf } from '@kiroku/postgres';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

const most = 1_000;

/** Snapshots of states that the log does not lead to. */
export const snapshots: DoctorCheck = {
  name: 'snapshots',
  async find({ pools }) {
    const ahead = await rowsOf<{ stream: string }>(pools.event_store, 'doctor/list_snapshots_ahead', [most]);
    const [first] = ahead;
    if (first === undefined) return [];
    const count = ahead.length === most ? `${most} or more` : String(ahead.length);
    return [
      diagnose('SnapshotAhead', {
        where: 'event_store',
        what: `${count} snapshots have a last event that does not stand in their stream, such as that of ${first.stream}.`,
        fix: 'deletes them; streams are read from their beginning until there are new ones',
        repair: () => rowsOf(pools.event_store, 'doctor/delete_snapshots_ahead'),
      }),
    ];
  },
};
