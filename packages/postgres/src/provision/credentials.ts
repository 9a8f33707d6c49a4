import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KirokuError } from '@kiroku/core';

/** The passwords of the embedded PostgreSQL. Made once per data directory, never shown. */
export interface Credentials {
  readonly superuser: string;
  readonly owner: string;
  readonly service: string;
  readonly maintenance: string;
}

const names = ['superuser', 'owner', 'service', 'maintenance'] as const;

export function credentialsFile(dataDirectory: string): string {
  return join(dataDirectory, 'credentials.json');
}

/** Reads the credentials of a data directory, `undefined` if there are none. Throws `ConfigurationInvalid` if the file is damaged or not ours to read. */
export async function readCredentials(dataDirectory: string): Promise<Credentials | undefined> {
  const file = credentialsFile(dataDirectory);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(file, error);
  });
  return text === undefined ? undefined : parse(file, text);
}

/** Reads the credentials, or makes them, in a file that only its owner can read. */
export async function ensureCredentials(dataDirectory: string): Promise<Credentials> {
  const known = await readCredentials(dataDirectory);
  if (known !== undefined) return known;
  const file = credentialsFile(dataDirectory);
  const made = Object.fromEntries(names.map((name) => [name, randomBytes(24).toString('base64url')]));
  await mkdir(dirname(file), { recursive: true });
  // written whole under another name first: a crash must not leave half a file that locks people out of their data
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flush: true });
  await chmod(unfinished, 0o600);
  await link(unfinished, file).catch(() => undefined); // another process was quicker: its file is read below
  await rm(unfinished);
  const kept = await readCredentials(dataDirectory);
  if (kept === undefined) throw unreadable(file, 'it was removed just now');
  return kept;
}

function parse(file: string, text: string): Credentials {
  const values = parseJson(file, text);
  const password = (name: (typeof names)[number]): string => {
    const value = values?.[name];
    if (typeof value !== 'string' || value === '') throw unreadable(file, `it has no "${name}"`);
    return value;
  };
  return { superuser: password('superuser'), owner: password('owner'), service: password('service'), maintenance: password('maintenance') };
}

function parseJson(file: string, text: string): { readonly [name: string]: unknown } | null {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, why: unknown): KirokuError {
  return new KirokuError(
    'ConfigurationInvalid',
    `${file} with the passwords of the embedded PostgreSQL cannot be read (${String(why)}). Without it nothing can connect: put it back from a backup, or run as the account that made it.`,
    { cause: why },
  );
}
