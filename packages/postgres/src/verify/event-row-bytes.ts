import { hash } from 'node:crypto';
import { readInt64, readTime } from './commit-row.ts';

/** A row of sql/verify/copy_events.sql or copy_whole_events.sql, read where it lies: valid until the next row comes in. */
export class EventRowBytes {
  #row: Buffer = Buffer.alloc(0);
  #whole = false;

  /** Looks at another row; `whole` if it has all that the digest covers. */
  read(row: Buffer, whole: boolean): this {
    this.#row = row;
    this.#whole = whole;
    return this;
  }

  get position(): number {
    return readInt64(this.#row, 6);
  }

  /** Microseconds since 1970. */
  get recordedAt(): number {
    return readTime(this.#row, 18);
  }

  get version(): number {
    return this.#row.readInt32BE(30);
  }

  /** The two halves of a hash of the stream's name. */
  get streamHash(): readonly [number, number] {
    return [this.#row.readInt32BE(38), this.#row.readInt32BE(42)];
  }

  get stream(): string {
    const at = this.#whole ? this.#idAt + 16 : 46;
    return this.#row.toString('utf8', at + 4, at + 4 + this.#row.readInt32BE(at));
  }

  /** As it is stored. */
  get digest(): Buffer {
    return this.#row.subarray(50, 50 + this.#row.readInt32BE(46));
  }

  get tagged(): boolean {
    return this.#row.readInt32BE(this.#tagsAt + 4) > 0; // dimensions of the array
  }

  /** As it has to be; the layout is in docs/reference/hash-chain.md. The row's columns come in its order, so most of it is copied as it is. */
  computeDigest(): Buffer {
    const row = this.#row;
    const stream = this.#idAt + 16;
    const tags = this.#tagsAt;
    const schemaVersion = tags - 8;
    const data = afterField(row, tags);
    if (scratch.length < purpose.length + row.length) scratch = makeScratch(2 * row.length);
    let end = purpose.length;
    end += row.copy(scratch, end, stream - 16, schemaVersion); // id, stream, type
    end += row.copy(scratch, end, schemaVersion + 4, schemaVersion + 8);
    end = writeTags(row, tags, data, end);
    end += row.copy(scratch, end, data); // data, metadata
    return hash('sha256', scratch.subarray(0, end), 'buffer');
  }

  get #idAt(): number {
    return 50 + this.#row.readInt32BE(46) + 4;
  }

  get #tagsAt(): number {
    const type = afterField(this.#row, this.#idAt + 16);
    return afterField(this.#row, type) + 8; // after the schema version
  }
}

const purpose = Buffer.from('\0\0\0\u000fkiroku.event.v1');
let scratch = makeScratch(16_384);

function makeScratch(size: number): Buffer {
  const made = Buffer.allocUnsafe(purpose.length + size);
  purpose.copy(made);
  return made;
}

function afterField(row: Buffer, at: number): number {
  return at + 4 + row.readInt32BE(at);
}

// an array is sent as its number of dimensions, a flag, the type of its elements, per dimension length and lower bound, and its elements
function writeTags(row: Buffer, from: number, until: number, at: number): number {
  const dimensions = row.readInt32BE(from + 4);
  if (dimensions === 0) return scratch.writeUInt32BE(0, at);
  const end = scratch.writeInt32BE(row.readInt32BE(from + 16), at);
  return end + row.copy(scratch, end, from + 16 + 8 * dimensions, until);
}
