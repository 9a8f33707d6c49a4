import { createHash } from 'node:crypto';
import { KirokuError } from '@kiroku/core';

/** As what a subject is named where nothing is ever removed. The name of its key file is the same. */
export function subjectDigest(subject: string): string {
  return `sha256:${createHash('sha256').update(subject).digest('hex')}`;
}

const most = 200;

/** Throws `BadRequest` for what cannot be a subject, or was hardly meant. */
export function requireSubject(subject: string): void {
  if (subject === '') throw refused('The subject is empty.');
  if (subject.length > most) throw refused(`The subject has ${subject.length} characters; it may have ${most}.`);
  if (subject !== subject.trim() || /\p{Cc}/u.test(subject))
    throw refused('The subject begins or ends with a space, or has characters that cannot be seen.');
}

function refused(what: string): KirokuError {
  return new KirokuError('BadRequest', `${what} Take it as the events have it: what their \`personal.subject\` answers.`);
}
