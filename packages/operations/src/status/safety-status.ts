import { createPool, PostgresSafetyReports, type SafetyReport } from '@kiroku/postgres';

/** When what was last done for safety. ISO 8601. */
export interface SafetyStatus {
  /** The latest backup that was finished; missing: there never was one. */
  readonly backupAt?: string;
  /** The latest drill of a restore; missing: there never was one. `tried`: false if it could not begin. */
  readonly drill?: { readonly at: string; readonly succeeded: boolean; readonly tried: boolean };
}

const timeoutMs = 3_000;

/** `undefined` if command_db does not say. */
export async function safetyStatus({ command_db: url }: { readonly command_db: string }): Promise<SafetyStatus | undefined> {
  await using pool = createPool({ url, applicationName: 'kiroku-health', max: 1, connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs });
  try {
    const { backup, drill } = await new PostgresSafetyReports({ pool }).latest();
    return { ...(backup?.good && { backupAt: backup.good.at }), ...(drill?.latest && { drill: shortened(drill.latest) }) };
  } catch {
    return undefined; // the row of the database says why
  }
}

function shortened({ at, succeeded, report }: SafetyReport): NonNullable<SafetyStatus['drill']> {
  return { at, succeeded, tried: report.tried !== false };
}
