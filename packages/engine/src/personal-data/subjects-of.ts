import type { RecordedEvent } from '@kiroku/core';
import { isSealed } from './sealed-value.ts';

/** Whose personal data events of the log hold, as they are stored; the latest last. */
export function subjectsOf(events: readonly Pick<RecordedEvent, 'data'>[]): ReadonlySet<string> {
  const subjects = new Set<string>();
  for (const { data } of events) addSubjects(data, subjects);
  return subjects;
}

function addSubjects(value: unknown, subjects: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isSealed(value)) {
    subjects.delete(value.subject);
    subjects.add(value.subject);
  } else for (const part of Object.values(value)) addSubjects(part, subjects);
}
