import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KirokuError } from '@kiroku/core';
import { filesBeside, readIfThere } from './durable-file.ts';
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

/** All master keys that files may be wrapped with, first the one for new files: it is generated if there is none. */
export async function masterKeys(
  directory: string,
  { secret, files }: { readonly secret: string | undefined; readonly files: KeyFiles },
): Promise<readonly [MasterKey, ...MasterKey[]]> {
  const { current, others } = await mastersThere(directory, secret);
  const file = join(directory, generatedName);
  return [current ?? generated(file, await created(file, files)), ...others];
}

/** Those that are there. `current` is the one for new files: of the secret, if there is one, or else the generated one. */
export async function mastersThere(
  directory: string,
  secret: string | undefined,
): Promise<{ readonly current: MasterKey | undefined; readonly others: readonly MasterKey[] }> {
  const file = join(directory, generatedName);
  const text = await readIfThere(file);
  const others = await otherMasters(file);
  if (secret === undefined) return { current: text && generated(file, text), others };
  const before = text && masterOfText(file, text.toString()); // of the time when there was no secret: damaged, it is needed for keys of then alone
  return { current: masterOfSecret(secret), others: before === undefined ? others : [before, ...others] };
}

export function masterOfSecret(secret: string): MasterKey {
  return described(Buffer.from(hkdfSync('sha256', secret, '', 'kiroku.key-store.v1', keyBytes)), 'SECRET_KEY_BASE');
}

/** What a file of a generated one holds; `undefined` if it is damaged. */
export function masterOfText(source: string, text: string): MasterKey | undefined {
  const key = Buffer.from(text.trim(), 'base64');
  return key.length === keyBytes && key.toString('base64') === text.trim() ? described(key, source) : undefined;
}

/** One was lost, another was generated in its place, and a restore has put it beside that. */
async function otherMasters(file: string): Promise<readonly MasterKey[]> {
  const names = await filesBeside(file, (name) => /^master-[0-9a-f]{16}\.key$/.test(name));
  const read = names.map(async (name) => masterOfText(name, (await readIfThere(name))?.toString() ?? ''));
  return (await Promise.all(read)).filter((master) => master !== undefined);
}

async function created(file: string, files: KeyFiles): Promise<Buffer> {
  const text = `${randomBytes(keyBytes).toString('base64')}\n`;
  return Buffer.from((await files.readOrCreate(file, text)) ?? text); // another process may be faster
}

function generated(file: string, text: Buffer): MasterKey {
  const master = masterOfText(file, text.toString());
  if (master !== undefined) return master;
  throw new KirokuError(
    'KeyMissing',
    `${file} is damaged: it must hold ${keyBytes} bytes as base64. Put it back from a backup: \`kiroku restore keys\`.`,
  );
}

function described(key: Buffer, source: string): MasterKey {
  return { id: createHmac('sha256', key).update('id').digest('hex').slice(0, 16), key, source };
}
