import type { Finding } from '@kiroku/postgres';

/** Findings that are listed one by one; of more, only the number is kept. */
const listed = 1_000;

export type FoundSoFar = {
  /** The first 1,000. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly total: number;
};

export const nothingFound: FoundSoFar = { findings: [], total: 0 };

/** Positions that are missing are often many pages: they are one finding. */
export function addFindings({ findings, total }: FoundSoFar, more: readonly Finding[]): FoundSoFar {
  const [next, ...others] = more;
  if (next === undefined) return { findings, total };
  const joined = join(findings.at(-1), next);
  if (joined !== undefined) return addFindings({ findings: [...findings.slice(0, -1), joined], total }, others);
  return { findings: [...findings, ...more].slice(0, listed), total: total + more.length };
}

function join(last: Finding | undefined, next: Finding): Finding | undefined {
  const { kind, position, lastPosition = position } = next;
  if (last?.kind !== kind || (kind !== 'EventMissing' && kind !== 'CommitMissing')) return undefined;
  return (last.lastPosition ?? last.position) === position - 1 ? { ...last, lastPosition, detail: next.detail } : undefined;
}
