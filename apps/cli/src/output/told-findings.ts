import type { FindingCode, TreatedFinding } from '@kiroku/operations';
import { formatCount } from './format-count.ts';

const mostOfKind = 10;

/** Where those that are not shown are listed. */
const listedBy: { readonly [code in FindingCode]?: string } = {
  ConsumerOfAnotherLog: 'kiroku consumer list',
  ConsumerOfEarlierTimeline: 'kiroku consumer list',
  ConsumerOfLostHistory: 'kiroku consumer list',
  BuildsPileUp: 'kiroku projection list',
  ReadModelOfEarlierTimeline: 'kiroku projection list',
  ReadModelOfLostHistory: 'kiroku projection list',
  MomentOfEarlierTimeline: 'kiroku replay list',
  MomentOfLostHistory: 'kiroku replay list',
  JobOfEarlierTimeline: 'kiroku job list',
};

/** Tells so many findings of a kind, and how many more there are; each that could not be repaired. */
export class ToldFindings {
  readonly #counts = new Map<FindingCode, number>();

  /** Is it to be told? */
  take({ code, outcome }: TreatedFinding): boolean {
    if (outcome === 'failed') return true;
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    return count <= mostOfKind;
  }

  /** A line for each kind of which there are more. */
  left(): readonly string[] {
    return [...this.#counts]
      .filter(([, count]) => count > mostOfKind)
      .map(
        ([code, count]) =>
          `… and ${formatCount(count - mostOfKind)} more ${code}: \`${listedBy[code] ?? 'kiroku doctor --json'}\` lists all.`,
      );
  }
}
