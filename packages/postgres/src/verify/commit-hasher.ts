import { hash } from 'node:crypto';
import type { CommitRow } from './commit-row.ts';

const purpose = Buffer.from('\0\0\0\u0010kiroku.commit.v1');
const previousAt = purpose.length;
const timeAt = previousAt + 32;
const countAt = timeAt + 8;
const eventsAt = countAt + 4;
const eventLength = 44;
const upperHalf = 4_294_967_296;

/** Recomputes the hash of one commit after the other from what is read of their events; the layout is in docs/reference/hash-chain.md. */
export class CommitHasher {
  #bytes = makeBytes(64 * eventLength);
  #count = 0;

  /** Events added since the commit began. */
  get count(): number {
    return this.#count;
  }

  begin(previousHash: Buffer, { recordedAt, firstPosition, lastPosition }: CommitRow): void {
    this.#count = 0;
    previousHash.copy(this.#bytes, previousAt, 0, 32);
    this.#bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(recordedAt)), timeAt);
    this.#bytes.writeUInt32BE((lastPosition - firstPosition + 1) % upperHalf, countAt);
  }

  add(position: number, version: number, digest: Buffer): void {
    const at = eventsAt + this.#count * eventLength;
    if (at + eventLength > this.#bytes.length) this.#grow();
    this.#bytes.writeInt32BE(Math.floor(position / upperHalf), at);
    this.#bytes.writeUInt32BE(position % upperHalf, at + 4);
    this.#bytes.writeInt32BE(version, at + 8);
    digest.copy(this.#bytes, at + 12, 0, 32);
    this.#count += 1;
  }

  digest(): Buffer {
    return hash('sha256', this.#bytes.subarray(0, eventsAt + this.#count * eventLength), 'buffer');
  }

  #grow(): void {
    const larger = makeBytes(2 * this.#bytes.length);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

function makeBytes(size: number): Buffer {
  const made = Buffer.alloc(eventsAt + size);
  purpose.copy(made);
  return made;
}
