import { createHash, createHmac } from 'node:crypto';
import { KirokuError } from '@kiroku/core';
import type { ObjectStore } from '../ports/object-store.ts';

/** Far more than a manifest or a report ever has. */
const mostBytes = 16 << 20;

export interface SealedJson {
  readonly value: Readonly<Record<string, unknown>>;
  /** Whether its seal was made with a key. */
  readonly keyed: boolean;
}

/** JSON that people can read, with a seal over it and its name: by the key, or else a digest, which finds accidents alone. */
export function encodeJson(value: object, { name, key }: { readonly name: string; readonly key: Uint8Array | undefined }): Buffer {
  return Buffer.from(`${JSON.stringify({ ...value, seal: sealOf(value, name, key) }, undefined, 2)}\n`);
}

/** Without the key, a seal that was made with it is not looked at. Throws `BackupDamaged`. */
export function decodeJson(
  text: string,
  { name, key, what }: { readonly name: string; readonly key: Uint8Array | undefined; readonly what: string },
): SealedJson {
  const { seal, ...value } = parse(text, what);
  const keyed = typeof seal === 'string' && seal.startsWith('hmac');
  if (keyed ? key !== undefined && seal !== sealOf(value, name, key) : seal !== sealOf(value, name, undefined))
    throw new KirokuError('BackupDamaged', `${what} was altered: it is not what its seal was made for.`);
  return { value, keyed };
}

/** Throws `NotFound`, `BackupDamaged`. */
export async function readText(store: ObjectStore, name: string, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of store.get(name)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) throw new KirokuError('BackupDamaged', `${what} is longer than any can be.`);
  }
  return Buffer.concat(chunks).toString();
}

/** Throws `BackupDamaged`. */
export function parse(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // said below
  }
  throw new KirokuError('BackupDamaged', `${what} is not JSON: it was altered or cut short.`);
}

function sealOf(value: object, name: string, key: Uint8Array | undefined): string {
  const text = `${name}\n${JSON.stringify(value)}`;
  if (key === undefined) return `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return `hmac-sha256:${createHmac('sha256', key).update(text).digest('hex')}`;
}
