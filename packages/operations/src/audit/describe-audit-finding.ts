import type { AuditFinding } from '@kiroku/postgres';

const chains = { commands: 'commands', operators: 'operators’ changes' } as const;

/** `commands: EntryChanged at 12 (entry 0193…): its content does not have its hash` */
export function describeAuditFinding({ chain, kind, sequence, lastSequence, entry, detail }: AuditFinding): string {
  const to = lastSequence === undefined ? '' : ` to ${lastSequence}`;
  const at = sequence === undefined ? '' : ` at ${sequence}${to}`;
  return `${chains[chain]}: ${kind}${at}${entry === undefined ? '' : ` (entry ${entry})`}: ${detail}`;
}
