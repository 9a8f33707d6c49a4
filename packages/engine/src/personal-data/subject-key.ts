import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** A subject's key as it is used: one key per purpose, and an id that tells keys apart without giving anything away. */
export interface SubjectKey {
  readonly id: string;
  readonly encryption: KeyObject;
  readonly nonces: KeyObject;
}

export function subjectKey(key: Uint8Array): SubjectKey {
  const derived = (purpose: string) => createHmac('sha256', key).update(`kiroku.personal.v1 ${purpose}`).digest();
  return {
    id: derived('id').toString('hex', 0, 4),
    encryption: createSecretKey(derived('encryption')),
    nonces: createSecretKey(derived('nonces')),
  };
}
