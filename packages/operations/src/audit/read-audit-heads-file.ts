import { readFile } from 'node:fs/promises';
import { KirokuError } from '@kiroku/core';
import { type AuditHead, auditChains } from '@kiroku/postgres';

/** The heads in a file that `kiroku audit head export` wrote, one per line. Throws `BadRequest` if there is none, or a damaged one. */
export async function readAuditHeadsFile(file: string): Promise<readonly AuditHead[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KirokuError('BadRequest', `${file} with the exported heads cannot be read: ${String(cause)}.`, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  const heads = lines.flatMap((line, index) => (line === '' ? [] : [parseHead(line, `${file}, line ${index + 1}`)]));
  if (heads.length > 0) return heads;
  throw new KirokuError('BadRequest', `${file} has no head in it, so there is nothing to compare with.`);
}

function parseHead(line: string, where: string): AuditHead {
  const head = parseJson(line);
  if (typeof head === 'object' && head !== null && isHead(head)) {
    const { chain, sequence, hash } = head;
    return { chain, sequence, hash };
  }
  throw new KirokuError('BadRequest', `${where} is not a head as \`kiroku audit head export\` writes it: the file is damaged.`);
}

function isHead(value: object): value is AuditHead {
  const { chain, sequence, hash } = value as Partial<Record<keyof AuditHead, unknown>>; // each is checked below
  const isPlace = Number.isSafeInteger(sequence) && Number(sequence) >= 0;
  return auditChains.some((known) => known === chain) && isPlace && typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no head, like other things that are none
  }
}
