import { hostname, userInfo } from 'node:os';

/** On whose behalf a verb runs: what the audit log says. */
export interface Operator {
  readonly name: string;
  /** Why. */
  readonly reason?: string;
  /** Where it comes from: `command line`, `operations API`, `job <id>`. */
  readonly source?: string;
}

/** The user of the operating system and the host: `ada@build-1`. */
export function systemOperator(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`; // containers run as users that have no entry
  }
}
