import type { Consumer } from '@kiroku/core';
import { isPausedForItsLog } from '@kiroku/engine';
import { PostgresConsumerStore } from '@kiroku/postgres';
import { type Diagnosis, diagnose } from '../finding.ts';
import type { DoctorCheck, PresentLog } from '../patient.ts';
import { standingOf } from '../standing.ts';

/** Consumers of webhooks whose positions are not of the present history. */
export const consumers: DoctorCheck = {
  name: 'consumers',
  async find(patient) {
    const store = new PostgresConsumerStore({ pool: patient.pools.command_db });
    const known = await store.consumers();
    const log = await patient.log();
    return known.flatMap((consumer) => judge(store, log, consumer));
  },
};

function judge(store: PostgresConsumerStore, log: PresentLog, consumer: Consumer): readonly Diagnosis[] {
  const { name, position, log: followed, paused } = consumer;
  const where = `consumer ${name}`;
  const standing = standingOf(log, { ...followed, position });
  const goOn = (to: number) => async (): Promise<void> => {
    await store.rewind(name, { position: to, log: log.history.log });
    if (isPausedForItsLog(paused?.reason)) await store.setPaused(name, undefined);
  };
  switch (standing.kind) {
    case 'present':
      return [];
    case 'earlier':
      return [
        diagnose('ConsumerOfEarlierTimeline', {
          where,
          what: `Its position ${position} is of timeline ${followed.timeline}, and the log is on ${log.history.log.timeline}; up to there, both are the same.`,
          fix: 'counts its position as of the present timeline, from which it goes on',
          repair: goOn(position),
        }),
      ];
    case 'beyond':
      return [
        diagnose('ConsumerOfLostHistory', {
          where,
          what: `It is at position ${position} of timeline ${followed.timeline}, and the log has that history up to ${standing.until} only. What it was sent of the others it has to undo itself: their CloudEvents say the timeline.`,
          ...(standing.known
            ? { fix: `rewinds it to ${standing.until}: what follows there now is delivered to it`, repair: goOn(standing.until) }
            : {}),
        }),
      ];
    case 'foreign':
      return [
        diagnose('ConsumerOfAnotherLog', {
          where,
          what: `Its position ${position} is of log ${followed.id}. Say where it goes on: \`kiroku consumer rewind ${name} --to N\`.`,
        }),
      ];
    default:
      return standing satisfies never;
  }
}
