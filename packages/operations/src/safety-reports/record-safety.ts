import { createPool, PostgresSafetyReports, type SafetyReport } from '@kiroku/postgres';
import { connectionUrls, type Installation } from '../config/installation.ts';

/** Keeps a report in command_db, where metrics and alerts are made of it. Throws `DatabaseUnavailable`. */
export async function recordSafety(installation: Installation, report: Omit<SafetyReport, 'at'> & { readonly at?: string }): Promise<void> {
  const { command_db: url } = await connectionUrls(installation, 'service');
  await using pool = createPool({ url, applicationName: 'kiroku-cli', max: 1 });
  await new PostgresSafetyReports({ pool }).record(report);
}
