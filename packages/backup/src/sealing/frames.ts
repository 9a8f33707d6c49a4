export interface Frame {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/**
 * Cuts content into frames of one size, however it comes; the last may be shorter, or empty. What comes is copied, so that whoever makes it may
 * use its buffers again.
 */
export async function* framesOf(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Frame> {
  let frame = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const chunk of content) {
    for (let offset = 0; offset < chunk.length; ) {
      if (filled === size) {
        yield { bytes: frame, last: false };
        [frame, filled] = [Buffer.allocUnsafeSlow(size), 0];
      }
      const taken = chunk.subarray(offset, offset + size - filled);
      frame.set(taken, filled);
      filled += taken.length;
      offset += taken.length;
    }
  }
  yield { bytes: frame.subarray(0, filled), last: true };
}
