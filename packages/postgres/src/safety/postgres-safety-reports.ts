import type { Pool } from '../pool.ts';
import { rowsOf } from '../rows-of.ts';
import type { LatestReports, SafetyKind, SafetyReport } from './safety-report.ts';

/** Reports on backups, drills, the archive and the doctor in command_db. The pool is the caller's to end. */
export class PostgresSafetyReports {
  readonly #pool: Pick<Pool, 'query'>;

  constructor({ pool }: { readonly pool: Pick<Pool, 'query'> }) {
    this.#pool = pool;
  }

  /** Keeps a report; one that is kept already stays as it is. `at`: default now. Throws `DatabaseUnavailable`, `SchemaTooOld`. */
  async record({ kind, id, at, succeeded, report }: Omit<SafetyReport, 'at'> & { readonly at?: string }): Promise<void> {
    await rowsOf(this.#pool, 'safety/record_report', [kind, id, at, succeeded, JSON.stringify(report)]);
  }

  /** By kind, those of which there are any. Throws `DatabaseUnavailable`, `SchemaTooOld`. */
  async latest(): Promise<{ readonly [kind in SafetyKind]?: LatestReports }> {
    const byKind: { [kind in SafetyKind]?: LatestReports } = {};
    for (const report of await rowsOf<SafetyReport>(this.#pool, 'safety/latest_reports')) {
      const { latest, good } = byKind[report.kind] ?? {};
      const isLater = latest === undefined || report.at > latest.at;
      byKind[report.kind] = { latest: isLater ? report : latest, ...(report.succeeded ? { good: report } : good && { good }) };
    }
    return byKind;
  }
}
