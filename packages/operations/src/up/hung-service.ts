import { setTimeout as sleep } from 'node:timers/promises';
import { auditedRun } from '../audit/audited-run.ts';
import type { Installation } from '../config/installation.ts';
import { hasOpenedDebugger, isTraced } from './looked-into.ts';
import type { OnProgress } from './progress.ts';
import type { ServiceProcess } from './service-process.ts';

/** The service must not wait for the audit log: it may be what the database hangs with. */
const longestAuditMs = 5_000;

export interface HungServiceOptions {
  readonly installation: Installation;
  readonly process: ServiceProcess;
  readonly limitMs: number;
  readonly onProgress: OnProgress;
}

/** A service that has not answered for too long: ended, so that it is started again, unless somebody looks into it. */
export class HungService {
  readonly #options: HungServiceOptions;
  /** The run that is left alone, and was told of. */
  #leftAlone: number | undefined;

  constructor(options: HungServiceOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async end(): Promise<void> {
    const { process, limitMs } = this.#options;
    const { name, pid } = process;
    if (pid === undefined) return;
    if (hasOpenedDebugger(process.lastOutput) || (await isTraced(pid))) return this.#leaveAlone(pid);
    const reason = `it hung: no answer for ${limitMs / 1_000} s, so it was killed`;
    const kill = async () => {
      if (process.pid === pid) process.killHung(reason);
    };
    const audited = this.#audited({ name, pid, reason, kill }).catch((error: unknown) => this.#tell(String(error)));
    await Promise.race([audited, sleep(longestAuditMs, undefined, { ref: false })]);
    await kill();
  }

  #audited(hung: { readonly name: string; readonly pid: number; readonly reason: string; readonly kill: () => Promise<void> }) {
    const { installation } = this.#options;
    const operator = { ...installation.operator, source: 'kiroku up', reason: hung.reason };
    return auditedRun(
      { ...installation, operator },
      { verb: 'restart', arguments: { service: hung.name, hung: true }, before: async () => ({ pid: hung.pid }), run: hung.kill },
    );
  }

  #leaveAlone(pid: number): void {
    if (this.#leftAlone === pid) return;
    this.#leftAlone = pid;
    const { process, limitMs } = this.#options;
    this.#tell(`${process.name} has not answered for ${limitMs / 1_000} s. A debugger was opened in it, so it is left alone.`);
  }

  #tell(text: string): void {
    this.#options.onProgress({ kind: 'notice', text });
  }
}
