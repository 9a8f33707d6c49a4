import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const bytesOfAnId = 16;
const random = Buffer.allocUnsafe(bytesOfAnId * 512);
let used = random.length;

/** A UUIDv7. Random bytes come for many ids at once: asking the system for each few of them was a tenth of the time of a busy writer. */
export function newEventId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  const from = used;
  used += bytesOfAnId;
  return v7({ random: random.subarray(from, used) });
}
