import { type ConsumerLease, type ConsumerStore, type EventStore, KirokuError } from '@kiroku/core';

const ofAnotherLog = 'Its position';

/** Where a delivery goes on from. A consumer whose position is not of this log is paused: throws `LeaseLost`. */
export async function resumeDelivery(
  lease: ConsumerLease,
  { eventStore, store }: { readonly eventStore: Pick<EventStore, 'head'>; readonly store: Pick<ConsumerStore, 'resume' | 'pauseHeld'> },
): Promise<{ readonly position: number; readonly blocked: readonly string[] }> {
  const found = await store.resume(lease);
  const { log, position: head } = await eventStore.head();
  const { id, timeline } = lease.log;
  if (log.id === id && log.timeline === timeline && found.position <= head) return found;
  const reason = `${ofAnotherLog} ${found.position} is of log ${id}, timeline ${timeline}; the log is ${log.id}, timeline ${log.timeline}, and ends at ${head}. Say where it goes on: \`kiroku consumer rewind ${lease.name} --to N\`, then \`resume\`.`;
  await store.pauseHeld(lease, reason);
  throw pausedConsumer(lease);
}

/** Whether a consumer was paused because its position is not of the log. */
export function isPausedForItsLog(reason: string | undefined): boolean {
  return reason?.startsWith(ofAnotherLog) ?? false;
}

/** What ends the delivery to a consumer that has been paused. */
export function pausedConsumer({ name }: Pick<ConsumerLease, 'name'>): KirokuError {
  return new KirokuError('LeaseLost', `The consumer ${name} is paused.`);
}
