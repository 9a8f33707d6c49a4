import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** What a repository remembers of its key: enough to know another one at once, and not enough to open anything. */
export interface KeyRecord {
  /** Hexadecimal. */
  readonly salt: string;
  readonly check: string;
  /** Over both: tells one that was altered from another key's. Absent in those that were made before there was one. */
  readonly digest?: string;
}

const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
/** 32 MiB and some 60 ms of a processor for each guess: RFC 7914 with what OWASP recommends at least for keys that people choose. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 << 20 };

/** A repository's key, from what people were given to keep. */
export async function newRepositoryKey(secret: string): Promise<{ readonly key: Uint8Array; readonly record: KeyRecord }> {
  const salt = randomBytes(16);
  const key = await derive(secret, salt, 32, cost);
  const record = { salt: salt.toString('hex'), check: checkOf(key).toString('hex') };
  return { key, record: { ...record, digest: digestOf(record) } };
}

/** `undefined` if the secret is not the one that the repository was begun with. */
export async function repositoryKey(secret: string, { salt, check }: Pick<KeyRecord, 'salt' | 'check'>): Promise<Uint8Array | undefined> {
  const key = await derive(secret, Buffer.from(salt, 'hex'), 32, cost);
  const [mine, theirs] = [checkOf(key), Buffer.from(check, 'hex')];
  return mine.length === theirs.length && timingSafeEqual(mine, theirs) ? key : undefined;
}

/** Whether it is as it was made. */
export function isWhole(record: KeyRecord): boolean {
  return record.digest === undefined || record.digest === digestOf(record);
}

function digestOf({ salt, check }: Pick<KeyRecord, 'salt' | 'check'>): string {
  return createHash('sha256').update(`${salt} ${check}`).digest('hex');
}

function checkOf(key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('kiroku backup key').digest();
}
