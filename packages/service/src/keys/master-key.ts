import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { readIfThere } from './durable-file.ts';
import type { KeyFiles } from './key-files.ts';

/** What the keys of the subjects are wrapped with in their files. */
export interface MasterKey {
  /** Tells master keys apart, and says nothing about them. */
  readonly id: string;
  readonly key: Buffer;
  /** Where it comes from, for people. */
  readonly source: string;
}

const generatedName = 'master.key';
const keyBytes = 32;

/** All master keys that files may be wrapped with, first the one for new files: of the secret, if there is one, or else a generated one. */
export async function masterKeys(
  directory: string,
  { secret, files }: { readonly secret: string | undefined; readonly files: KeyFiles },
): Promise<readonly [MasterKey, ...MasterKey[]]> {
  const file = join(directory, generatedName);
  if (secret === undefined) return [generated(file, (await readIfThere(file)) ?? (await created(file, files)))];
  const ofSecret = described(Buffer.from(hkdfSync('sha256', secret, '', 'kiroku.key-store.v1', keyBytes)), 'SECRET_KEY_BASE');
  const before = await readIfThere(file); // of the time when there was no secret
  return before === undefined ? [ofSecret] : [ofSecret, generated(file, before)];
}

async function created(file: string, files: KeyFiles): Promise<Buffer> {
  const text = `${randomBytes(keyBytes).toString('base64')}\n`;
  return Buffer.from((await files.readOrCreate(file, text)) ?? text); // another process may be faster
}

function generated(file: string, text: Buffer): MasterKey {
  const key = Buffer.from(text.toString().trim(), 'base64');
  if (key.length === keyBytes) return described(key, file);
  throw new KirokuError('KeyMissing', `${file} is damaged: it must hold ${keyBytes} bytes as base64. Restore it from a backup.`);
}

function described(key: Buffer, source: string): MasterKey {
  return { id: createHmac('sha256', key).update('id').digest('hex').slice(0, 16), key, source };
}
