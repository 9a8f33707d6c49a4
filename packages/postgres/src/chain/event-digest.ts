import { hash } from 'node:crypto';

/** What a digest covers, as it is stored: `data` and `metadata` are the very text of the json columns. */
export interface DigestedEvent {
  /** UUID. */
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly tags: readonly string[];
  readonly data: string;
  readonly metadata: string;
}

const purpose = 'kiroku.event.v1';

// One buffer for all: what is written into it is hashed before the next event begins.
let scratch = Buffer.allocUnsafe(16_384);

/** SHA-256 of an event's content, 32 bytes. The layout is in docs/reference/hash-chain.md. */
export function eventDigest(event: DigestedEvent): Buffer {
  reserve(event);
  let end = writeField(purpose, 0);
  end = writeUuid(event.id, end);
  end = writeField(event.stream, end);
  end = writeField(event.type, end);
  end = scratch.writeInt32BE(event.schemaVersion, end);
  end = scratch.writeUInt32BE(event.tags.length, end);
  for (const tag of event.tags) end = writeField(tag, end);
  end = writeField(event.data, end);
  end = writeField(event.metadata, end);
  return hash('sha256', scratch.subarray(0, end), 'buffer');
}

function reserve({ stream, type, tags, data, metadata }: DigestedEvent): void {
  let characters = stream.length + type.length + data.length + metadata.length;
  for (const tag of tags) characters += tag.length;
  const bytes = 64 + 4 * tags.length + 3 * characters; // a character of UTF-16 is at most three bytes of UTF-8
  if (bytes > scratch.length) scratch = Buffer.allocUnsafe(bytes);
}

function writeField(text: string, at: number): number {
  const length = scratch.write(text, at + 4);
  scratch.writeUInt32BE(length, at);
  return at + 4 + length;
}

function writeUuid(id: string, at: number): number {
  return at + scratch.write(id.replaceAll('-', ''), at, 'hex');
}
