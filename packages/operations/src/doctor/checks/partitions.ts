import { maintainEventStore, planEventStoreMaintenance } from '@kiroku/postgres';
import { describeStep } from '../../db-maintain/describe-step.ts';
import { diagnose } from '../finding.ts';
import type { DoctorCheck } from '../patient.ts';

/** Partitions of the log, and of the ids of commands, that should be there ahead of time. */
export const partitions: DoctorCheck = {
  name: 'partitions',
  async find({ urlOf, timeoutMs }) {
    const url = urlOf('event_store', 'maintenance');
    const due = (await planEventStoreMaintenance({ url, ...(timeoutMs !== undefined && { timeoutMs }) })).filter(
      ({ kind }) => kind !== 'dropIdempotencyPartition',
    );
    if (due.length === 0) return [];
    return [
      diagnose('PartitionsMissing', {
        where: 'event_store',
        what: `It is due to ${due.map(describeStep).join(', to ')}.`,
        fix: 'makes them, as `kiroku db maintain` does',
        repair: () => maintainEventStore({ url }),
      }),
    ];
  },
};
