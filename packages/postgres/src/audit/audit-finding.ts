import type { AuditChain } from './audit-chain.ts';

/** What can be wrong with an audit log. docs/runbooks/audit.md says what each means. */
export const auditFindingKinds = [
  'EntryChanged',
  'EntryMoved',
  'EntryRemoved',
  'EntryInserted',
  'ChainBroken',
  'TailCut',
  'ChainRewritten',
] as const;

/** One thing that is wrong, and where. */
export interface AuditFinding {
  readonly chain: AuditChain;
  readonly kind: (typeof auditFindingKinds)[number];
  /** Place in the chain. Absent: it has none. */
  readonly sequence?: number;
  /** If it is about several. */
  readonly lastSequence?: number;
  /** Id of the entry; of what operators did, with `begin` or `end`. */
  readonly entry?: string;
  readonly detail: string;
}

/** Where a chain ends, to be kept elsewhere: against it, a tail that was cut and a chain that was rewritten are found. */
export type AuditHead = {
  readonly chain: AuditChain;
  /** 0 if it is empty. */
  readonly sequence: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
};
