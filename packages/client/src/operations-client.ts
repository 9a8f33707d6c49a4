import type { ActionFilter, Job, JobControl, JobLine, JobState, ParkedKey, RecordedAction } from '@kiroku/core';
import type { Client } from 'openapi-fetch';
import { answerOf } from './answer.ts';
import type { paths } from './generated/operations.ts';
import { type Answered, type OperationsClientOptions, onBehalf, openClient } from './open-client.ts';

/** What folding the log may cost. */
interface FoldBounds {
  readonly memoryBytes?: number;
  readonly maxLagSeconds?: number;
  readonly maxRate?: number;
}

interface ShownJob {
  readonly job: Job;
  readonly lines: readonly JobLine[];
  /** There are earlier lines, before this number; `null`: these are all. */
  readonly linesBefore: number | null;
}

interface RebuildOptions extends FoldBounds {
  /** Names. */
  readonly projections: readonly string[] | 'all';
  readonly fromEventNumber?: number;
  readonly fromInconsistency?: boolean;
  readonly noSwitch?: boolean;
  readonly retire?: boolean;
  readonly parallel?: number;
}

/** The operations API of a gateway. Throws the faults it tells of, and `ServiceUnavailable` if it cannot be reached. */
export class OperationsClient {
  readonly #options: OperationsClientOptions;
  readonly #client: Client<paths>;

  constructor(options: OperationsClientOptions) {
    this.#options = options;
    this.#client = openClient(options);
  }

  /** Latest first. */
  async listJobs(filter: {
    readonly states?: readonly JobState[];
    readonly verb?: string;
    /** `createdAt,id` of the last one of the list before. */
    readonly before?: string;
    readonly limit: number;
  }): Promise<readonly Job[]> {
    const { states, ...others } = filter;
    const query = { ...others, ...(states && { state: [...states] }) };
    return (await this.#answer(this.#client.GET('/jobs', { params: { query } }))) as readonly Job[]; // their JSON is typed more closely in core
  }

  /** With the last lines of its log, or the last before a number. */
  async showJob(id: string, query: { readonly lines: number; readonly before?: number }): Promise<ShownJob> {
    const shown = await this.#answer(this.#client.GET('/jobs/{id}', { params: { path: { id }, query } }));
    return shown as ShownJob; // likewise
  }

  /** Pauses, resumes or cancels a job. */
  async controlJob(id: string, control: JobControl): Promise<Job> {
    const body = this.#onBehalf();
    return (await this.#answer(this.#client.POST(`/jobs/{id}/${control}`, { params: { path: { id } }, body }))) as Job; // likewise
  }

  /** Latest first; `before`: `at,id` of the last one of the list before. */
  async listActions(filter: Omit<ActionFilter, 'before'> & { readonly before?: string }): Promise<readonly RecordedAction[]> {
    return (await this.#answer(this.#client.GET('/audit', { params: { query: { ...filter } } }))) as readonly RecordedAction[]; // likewise
  }

  /** How everything is that the gateway can see. */
  async showHealth(): Promise<Answered<'/status', 'get'>> {
    return await this.#answer(this.#client.GET('/status'));
  }

  /** What is wrong, as the gateway has seen it. */
  async showAlerts(): Promise<Answered<'/alerts', 'get'>> {
    return await this.#answer(this.#client.GET('/alerts'));
  }

  /** What does not fit together, as far as the gateway can look. */
  async runDoctor(only: readonly string[] = []): Promise<Answered<'/doctor', 'get'>> {
    return await this.#answer(this.#client.GET('/doctor', { params: { query: only.length > 0 ? { only: [...only] } : {} } }));
  }

  /** Every version of every projection, and how it is. */
  async listProjections(): Promise<Answered<'/projections', 'get'>> {
    return await this.#answer(this.#client.GET('/projections'));
  }

  async showProjection(name: string): Promise<Answered<'/projections/{name}', 'get'>> {
    return await this.#answer(this.#client.GET('/projections/{name}', { params: { path: { name } } }));
  }

  async pauseProjections({
    names,
    paused,
  }: {
    readonly names: readonly string[];
    readonly paused: boolean;
  }): Promise<Answered<'/projections/pause', 'post'>> {
    const body = { ...this.#onBehalf(), names: [...names] };
    return await this.#answer(this.#client.POST(paused ? '/projections/pause' : '/projections/resume', { body }));
  }

  /** Oldest first; `after`: `parkedAt,projection,version,build,table,keyText` of the last one of the list before, each percent-encoded. */
  async listParkedKeys(filter: {
    readonly projection?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly ParkedKey[]> {
    return (await this.#answer(this.#client.GET('/parked-keys', { params: { query: { ...filter } } }))) as readonly ParkedKey[]; // likewise
  }

  /** What a rebuild would do, and cost. */
  async planRebuild({ projections, ...options }: RebuildOptions): Promise<Answered<'/rebuild-plan', 'get'>> {
    const { fromInconsistency, noSwitch, retire, ...numbers } = options;
    const query = {
      ...numbers,
      ...(projections !== 'all' && { projection: [...projections] }),
      ...(fromInconsistency !== undefined && { fromInconsistency: String(fromInconsistency) }),
      ...(noSwitch !== undefined && { noSwitch: String(noSwitch) }),
      ...(retire !== undefined && { retire: String(retire) }),
    };
    return await this.#answer(this.#client.GET('/rebuild-plan', { params: { query } }));
  }

  /** Queues a job that builds projections anew. */
  async rebuildProjections(options: RebuildOptions): Promise<Job> {
    const { projections, ...rest } = options;
    const body = { ...this.#onBehalf(), ...rest, projections: projections === 'all' ? projections : [...projections] };
    return (await this.#answer(this.#client.POST('/projections/rebuild', { body }))) as Job; // likewise
  }

  /** Queues a job that compares projections with the log. */
  async verifyProjections(
    options: {
      readonly projections: readonly string[] | 'all';
      readonly fix?: boolean;
      readonly incremental?: boolean;
    } & FoldBounds,
  ): Promise<Job> {
    const { projections, ...rest } = options;
    const body = { ...this.#onBehalf(), ...rest, projections: projections === 'all' ? projections : [...projections] };
    return (await this.#answer(this.#client.POST('/projections/verify', { body }))) as Job; // likewise
  }

  /** Makes queries read another build: the newest that is complete, by default. */
  async switchProjection(
    name: string,
    choice: { readonly build?: number; readonly force?: boolean } = {},
  ): Promise<Answered<'/projections/{name}/switch', 'post'>> {
    const body = { ...this.#onBehalf(), ...choice };
    return await this.#answer(this.#client.POST('/projections/{name}/switch', { params: { path: { name } }, body }));
  }

  /** Makes queries read the build before. */
  async rollbackProjection(
    name: string,
    choice: { readonly force?: boolean } = {},
  ): Promise<Answered<'/projections/{name}/rollback', 'post'>> {
    const body = { ...this.#onBehalf(), ...choice };
    return await this.#answer(this.#client.POST('/projections/{name}/rollback', { params: { path: { name } }, body }));
  }

  /** Drops builds that nobody reads. */
  async retireProjection(
    name: string,
    choice: { readonly build?: number; readonly version?: number } = {},
  ): Promise<Answered<'/projections/{name}/retire', 'post'>> {
    const body = { ...this.#onBehalf(), ...choice };
    return await this.#answer(this.#client.POST('/projections/{name}/retire', { params: { path: { name } }, body }));
  }

  /** Which build queries would read. */
  async planSwitch(name: string, choice: { readonly build?: number } = {}): Promise<Answered<'/projections/{name}/switch', 'get'>> {
    return await this.#answer(this.#client.GET('/projections/{name}/switch', { params: { path: { name }, query: { ...choice } } }));
  }

  /** Which build queries would read again. */
  async planRollback(name: string): Promise<Answered<'/projections/{name}/rollback', 'get'>> {
    return await this.#answer(this.#client.GET('/projections/{name}/rollback', { params: { path: { name } } }));
  }

  /** Which builds would be dropped. */
  async planRetire(
    name: string,
    choice: { readonly build?: number; readonly version?: number } = {},
  ): Promise<Answered<'/projections/{name}/retire', 'get'>> {
    return await this.#answer(this.#client.GET('/projections/{name}/retire', { params: { path: { name }, query: { ...choice } } }));
  }

  /** Retries, skips or discards what is parked. */
  async settleParkedKeys(choice: {
    readonly projection: string;
    readonly verb: 'retry' | 'skip' | 'discard';
    readonly keys: readonly string[] | 'all';
  }): Promise<Answered<'/projections/{name}/parked/retry', 'post'>> {
    const { projection: name, verb, keys } = choice;
    const body = { ...this.#onBehalf(), keys: keys === 'all' ? keys : [...keys] };
    return await this.#answer(this.#client.POST(`/projections/{name}/parked/${verb}`, { params: { path: { name } }, body }));
  }

  #onBehalf(): { operator: string; reason?: string } {
    return onBehalf(this.#options.operator);
  }

  #answer<T>(asking: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>): Promise<T> {
    return answerOf(this.#options.url, asking);
  }
}
