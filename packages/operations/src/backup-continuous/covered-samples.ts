import { segmentName, type WalSample, type WalSegment } from '@kiroku/postgres';
import type { WalCoverage } from './wal-coverage.ts';

/** Remembers where the log ended when, until that is kept. One sample a segment, the latest: as many as segments wait. */
export class CoveredSamples {
  readonly #waiting = new Map<string, WalSample>();

  add(sample: WalSample): void {
    this.#waiting.set(nameOf(sample), sample);
  }

  /** Everything up to the end of this segment is kept; returns what that covers, if it is more than before. */
  keptThrough({ walTimeline, number }: WalSegment): WalCoverage | undefined {
    let latest: WalSample | undefined;
    for (const [name, sample] of this.#waiting) {
      if (sample.segment.walTimeline > walTimeline || sample.segment.number > number) continue;
      this.#waiting.delete(name);
      if (latest === undefined || sample.segment.number >= latest.segment.number) latest = sample;
    }
    if (latest === undefined) return undefined;
    const { systemIdentifier, at: until, position, recordedAt } = latest;
    return {
      systemIdentifier,
      segment: nameOf(latest),
      until,
      ...(position !== undefined && { position }),
      ...(recordedAt !== undefined && { recordedAt }),
    };
  }
}

function nameOf({ segment, segmentBytes }: WalSample): string {
  return segmentName(segment, segmentBytes);
}
