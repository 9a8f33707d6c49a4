import { type AuditChain, auditHash, beforeFirst } from './audit-chain.ts';
import type { AuditFinding } from './audit-finding.ts';

/** An entry as it is stored. */
export interface ChainedEntry {
  readonly sequence: number;
  readonly entry: string;
  readonly previous_hash: Buffer;
  readonly hash: Buffer;
  /** What its hash covers; `null`: what is chained is gone. */
  readonly fields: readonly (string | null)[] | null;
}

/** An entry by its place and hash. */
export interface ChainStart {
  readonly sequence: number;
  readonly hash: Buffer;
}

/** Places that a changed entry is compared with, whether it was moved from there. */
const mostChanged = 1_000;

/** Checks a chain as it goes by, entry by entry. Each fault is found once: after it the check goes on with what is stored. */
export class ChainCheck {
  readonly #chain: AuditChain;
  #sequence: number;
  #hash: Buffer;
  /** The entry before is known to be wrong, or to be missing: whatever follows cannot fit it. */
  #broken = false;
  #findings: AuditFinding[] = [];
  readonly #changed: ChainedEntry[] = [];

  /** `start`: the last entry that was removed as too old; default: none was. */
  constructor(chain: AuditChain, start: ChainStart = { sequence: 0, hash: beforeFirst }) {
    this.#chain = chain;
    this.#sequence = start.sequence;
    this.#hash = start.hash;
  }

  get head(): ChainStart {
    return { sequence: this.#sequence, hash: this.#hash };
  }

  entry(stored: ChainedEntry): void {
    const { sequence, entry, fields } = stored;
    if (sequence > this.#sequence + 1) this.#removed(this.#sequence + 1, sequence - 1);
    const good = fields !== null && this.#hashAt(stored, sequence).equals(stored.hash);
    if (fields === null) this.#find('EntryRemoved', { sequence, entry, detail: 'it is in the chain, and gone from its table' });
    else if (!good) this.#change(stored);
    else if (!this.#broken && !stored.previous_hash.equals(this.#hash))
      this.#find('ChainBroken', { sequence, entry, detail: 'it does not follow the entry before it' });
    this.#broken = !good && fields !== null;
    this.#sequence = sequence;
    this.#hash = stored.hash;
  }

  /** What has been found. */
  end(): readonly AuditFinding[] {
    for (const stored of this.#changed) this.#tellOfChanged(stored);
    return this.#findings.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  }

  #removed(from: number, to: number): void {
    const detail = from === to ? 'there is no entry at this place' : 'there are no entries at these places';
    this.#find('EntryRemoved', { sequence: from, ...(to > from && { lastSequence: to }), detail });
    this.#broken = true;
  }

  #change(stored: ChainedEntry): void {
    if (this.#changed.length < mostChanged) this.#changed.push(stored);
    else this.#findChanged(stored);
  }

  /** With the place in its hash, an entry tells where it stood before, if another place is wrong too. */
  #tellOfChanged(stored: ChainedEntry): void {
    const { sequence, entry } = stored;
    const from = this.#changed.find((other) => other !== stored && this.#hashAt(stored, other.sequence).equals(stored.hash));
    if (from === undefined) this.#findChanged(stored);
    else this.#find('EntryMoved', { sequence, entry, detail: `it was made for place ${from.sequence}` });
  }

  #findChanged({ sequence, entry }: ChainedEntry): void {
    this.#find('EntryChanged', { sequence, entry, detail: 'its content does not have its hash' });
  }

  #hashAt({ previous_hash: previousHash, fields }: ChainedEntry, sequence: number): Buffer {
    return auditHash(this.#chain, { previousHash, sequence, fields: fields ?? [] });
  }

  #find(kind: AuditFinding['kind'], about: Omit<AuditFinding, 'chain' | 'kind'>): void {
    this.#findings.push({ chain: this.#chain, kind, ...about });
  }
}
