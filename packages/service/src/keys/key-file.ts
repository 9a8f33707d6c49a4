import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { MasterKey } from './master-key.ts';

// What stands in the file of a subject: its key, wrapped, or that it was forgotten.
const keyFile = z.discriminatedUnion('state', [
  z.object({ version: z.literal(1), state: z.literal('key'), master: z.string(), wrapped: z.base64() }),
  z.object({ version: z.literal(1), state: z.literal('forgotten'), at: z.string() }),
]);

export type KeyFile = z.output<typeof keyFile>;

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** The content of a file for a new key. `name` is the file's: a file that is copied to another subject does not open. */
export function wrappedKey(key: Uint8Array, name: string, master: MasterKey): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, master.key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(name));
  const ciphertext = Buffer.concat([cipher.update(key), cipher.final()]);
  const wrapped = Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64');
  return toText({ version: 1, state: 'key', master: master.id, wrapped });
}

export function tombstone(now: Date): Buffer {
  return Buffer.from(toText({ version: 1, state: 'forgotten', at: now.toISOString() }));
}

/** Throws if it is damaged or of a later release. */
export function parseKeyFile(content: string): KeyFile {
  return keyFile.parse(JSON.parse(content));
}

/** ISO 8601; `undefined` if that is not what the file says. */
export function timeOfForgetting(content: string): string | undefined {
  try {
    const parsed = parseKeyFile(content);
    return parsed.state === 'forgotten' && !Number.isNaN(Date.parse(parsed.at)) ? parsed.at : undefined;
  } catch {
    return undefined; // damaged: the key, or the word that it is gone
  }
}

/** Throws if it was altered. */
export function unwrappedKey(wrapped: string, name: string, master: MasterKey): Uint8Array {
  const bytes = Buffer.from(wrapped, 'base64');
  const decipher = createDecipheriv(algorithm, master.key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return Uint8Array.from(Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]));
}

function toText(content: KeyFile): string {
  return `${JSON.stringify(content)}\n`;
}
