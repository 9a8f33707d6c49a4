import type { RecordedEvent } from '@kiroku/core';
import { isSealed } from './sealed-value.ts';

/** Of stored events, those that have something encrypted of a subject, whatever types declare by now. */
export function eventsAbout<E extends Pick<RecordedEvent, 'data'>>(subject: string, events: readonly E[]): readonly E[] {
  return events.filter(({ data }) => isAbout(subject, data));
}

function isAbout(subject: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isSealed(value) ? value.subject === subject : Object.values(value).some((part) => isAbout(subject, part));
}
