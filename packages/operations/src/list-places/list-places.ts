import { type ActionPlace, checkTime, type JobPlace, KirokuError, type LetterPlace, type ParkedPlace } from '@kiroku/core';
import type { InstancePlace, ListedInstance, Moment } from '@kiroku/postgres';

/** A moment's place in the list of moments. */
type ListedPlace = Pick<Moment, 'position' | 'name'>;

type MovedSaga = Pick<ListedInstance, 'endedAt' | 'updatedAt' | 'processManager' | 'id'>;

/** Where a list goes on after a dead letter, as `diedAt,position,consumer`. */
export function letterPlace({ diedAt, position, consumer }: LetterPlace): string {
  return written([diedAt, position, consumer]);
}

/** After a parked key, as `parkedAt,projection,version,build,table,keyText`. */
export function parkedPlace({ parkedAt, projection, version, build, table, keyText }: ParkedPlace): string {
  return written([parkedAt, projection, version, build, table, keyText]);
}

/** Before a job, as `createdAt,id`. */
export function jobPlace({ createdAt, id }: JobPlace): string {
  return written([createdAt, id]);
}

/** After a moment, as `position,name`. */
export function momentPlace({ position, name }: ListedPlace): string {
  return written([position, name]);
}

/** Before a saga, as `movedAt,processManager,id`: one that has ended moved when it did. */
export function sagaPlace({ endedAt, updatedAt, processManager, id }: MovedSaga): string {
  return written([endedAt ?? updatedAt, processManager, id]);
}

/** Before an action, as `at,id`. */
export function actionPlace({ at, id }: ActionPlace): string {
  return written([at, id]);
}

const timeAndId = /^[^,]+,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** These read them. They throw `BadRequest` for what is none. */
export function readLetterPlace(text: string): LetterPlace {
  const [diedAt = '', position, consumer = ''] = read(text, /^[^,]+,\d{1,15},[^,]+$/);
  return { diedAt, position: Number(position), consumer };
}

export function readParkedPlace(text: string): ParkedPlace {
  const [parkedAt = '', projection = '', version, build, table = '', keyText = ''] = read(
    text,
    /^[^,]+,[^,]+,\d{1,9},\d{1,9},[^,]+,[^,]*$/,
  );
  return { parkedAt, projection, version: Number(version), build: Number(build), table, keyText };
}

export function readJobPlace(text: string): JobPlace {
  const [createdAt = '', id = ''] = read(text, timeAndId);
  return { createdAt, id };
}

export function readMomentPlace(text: string): ListedPlace {
  const [position, name = ''] = shaped(text, /^\d{1,15},[^,]+$/, () => undefined);
  return { position: Number(position), name };
}

/** Also a time alone: before all that moved then. */
export function readSagaPlace(text: string): InstancePlace {
  const [movedAt = '', processManager, id] = read(text, /^[^,]+(,[^,]+,[^,]+)?$/);
  return { movedAt, ...(processManager !== undefined && id !== undefined && { processManager, id }) };
}

export function readActionPlace(text: string): ActionPlace {
  const [at = '', id = ''] = read(text, timeAndId);
  return { at, id };
}

/** Percent-encoded as in a URL, and what a shell would take for itself too, so that it can be copied. */
function written(parts: readonly (string | number)[]): string {
  const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`);
  return parts.map((part) => encoded(String(part)).replaceAll('%3A', ':')).join(',');
}

/** One that begins with a time. */
function read(text: string, shape: RegExp): readonly string[] {
  return shaped(text, shape, ([at = '']) => checkTime(at));
}

function shaped(text: string, shape: RegExp, check: (parts: readonly string[]) => unknown): readonly string[] {
  try {
    if (!shape.test(text)) throw new RangeError('another shape');
    const parts = text.split(',').map(decodeURIComponent);
    if (parts.some((part) => part.includes('\0'))) throw new RangeError('no text that is stored');
    check(parts);
    return parts;
  } catch (cause) {
    throw new KirokuError('BadRequest', 'This is no place in the list. Take the one that was told at the end of the list before.', {
      cause,
    });
  }
}
