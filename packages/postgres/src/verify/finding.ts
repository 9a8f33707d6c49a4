/** What can be wrong with a log. docs/runbooks/verify.md says what each means and what to do. */
export const findingKinds = [
  'EventMissing',
  'EventRepeated',
  'EventBeyondHead',
  'EventAltered',
  'EventTimeWrong',
  'VersionWrong',
  'TagMissing',
  'CommitMissing',
  'CommitOverlapping',
  'CommitAltered',
  'CommitTimeWrong',
  'TailCut',
  'ChainRewritten',
  'OtherLog',
] as const;

export type FindingKind = (typeof findingKinds)[number];

/** One thing that is wrong, and where. */
export type Finding = {
  readonly kind: FindingKind;
  readonly position: number;
  /** If it is about several positions. */
  readonly lastPosition?: number;
  readonly stream?: string;
  /** What was found in the place of what. */
  readonly detail: string;
};
