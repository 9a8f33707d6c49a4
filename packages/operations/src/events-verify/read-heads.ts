import { readFile } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';
import type { ChainHead } from '@kiroku/postgres';

/** The heads in a file that `kiroku events head export` wrote, one per line. Throws `BadRequest` if there is none, or a damaged one. */
export async function readHeads(file: string): Promise<readonly ChainHead[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KirokuError('BadRequest', `${file} with the exported heads cannot be read: ${String(cause)}.`, { cause });
  });
  const heads = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => parseHead(line, `${file}, line ${number}`));
  if (heads.length > 0) return heads;
  throw new KirokuError('BadRequest', `${file} has no head in it, so there is nothing to compare with.`);
}

function parseHead(line: string, where: string): ChainHead {
  const head = parseJson(line);
  if (typeof head === 'object' && head !== null && isHead(head)) {
    const { log, timeline, position, hash } = head;
    return { log, timeline, position, hash };
  }
  throw new KirokuError('BadRequest', `${where} is not a head as \`kiroku events head export\` writes it: the file is damaged.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no head, like other things that are none
  }
}

function isHead(value: object): value is ChainHead {
  const { log, timeline, position, hash } = value as Partial<Record<keyof ChainHead, unknown>>; // each is checked below
  return typeof log === 'string' && isCount(timeline) && isCount(position) && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
