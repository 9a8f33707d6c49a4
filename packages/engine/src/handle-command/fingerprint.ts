import { hash } from 'node:crypto';
import type { Command } from '@kiroku/core';
import { canonicalJson } from './canonical-json.ts';

/** Digest of what a command asks for: the same for the same type and data, whatever the order of the keys. */
export function fingerprint(command: Pick<Command, 'type' | 'data'>): string {
  return hash('sha256', canonicalJson([command.type, command.data]), 'hex');
}
