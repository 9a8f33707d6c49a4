import { hash } from 'node:crypto';

/** The two chains in command_db. */
export const auditChains = ['commands', 'operators'] as const;
export type AuditChain = (typeof auditChains)[number];

/** What stands for the hash before the first entry. */
export const beforeFirst = Buffer.alloc(32);

const purposes = { commands: 'kiroku.audit.command.v1', operators: 'kiroku.audit.operator.v1' } as const;

/** The hash of an entry, 32 bytes, from that of the entry before it. The layout is in docs/reference/hash-chain.md. */
export function auditHash(
  chain: AuditChain,
  {
    previousHash,
    sequence,
    fields,
  }: { readonly previousHash: Uint8Array; readonly sequence: number; readonly fields: readonly (string | null)[] },
): Buffer {
  const place = Buffer.alloc(12);
  place.writeBigInt64BE(BigInt(sequence));
  place.writeUInt32BE(fields.length, 8);
  return hash('sha256', Buffer.concat([field(purposes[chain]), previousHash, place, ...fields.map(field)]), 'buffer');
}

function field(text: string | null): Buffer {
  const bytes = Buffer.from(text ?? '');
  const length = Buffer.alloc(4);
  length.writeInt32BE(text === null ? -1 : bytes.length);
  return Buffer.concat([length, bytes]);
}
