/** What the shell is told. Documented in the help text. */
export const exitCodes = {
  ok: 0,
  /** Something failed or is unhealthy; one line on stderr says what. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Of `health`, `status`, `alerts` and `doctor`: everything serves, but not all is as it should be. Of `audit` and `projection list`: a part is missing; of `restore keys` what is missing cannot be told; of `privacy` where something may lie cannot be told in full. */
  degraded: 3,
} as const;
