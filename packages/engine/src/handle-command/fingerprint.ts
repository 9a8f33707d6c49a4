import { createHash } from 'node:crypto';
import type { Command } from '@kiroku/core';

/** Digest of what a command asks for: the same for the same type and data, whatever the order of the keys. */
export function fingerprint(command: Pick<Command, 'type' | 'data'>): string {
  return createHash('sha256')
    .update(canonicalJson([command.type, command.data]))
    .digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
