import { CommitHasher } from './commit-hasher.ts';
import type { CommitRow } from './commit-row.ts';
import type { EventRowBytes } from './event-row-bytes.ts';
import type { Finding, FindingKind } from './finding.ts';
import { StreamVersions } from './stream-versions.ts';

export interface LogCheckOptions {
  /** Position after which it begins: the end of a commit, or 0. */
  readonly after: number;
  /** Hash of the commit before, or what stands for it at the beginning of the log; `undefined`: not known. */
  readonly previousHash: Buffer | undefined;
  /** Recompute digests and hashes. */
  readonly deep: boolean;
  /** Streams whose versions are kept in mind; more are asked for. Default 8 million, about 200 MB. */
  readonly streamsInMind?: number;
}

/** An event whose version has to be compared with what its stream had before it in the log. */
export interface VersionQuestion {
  readonly stream: string;
  readonly position: number;
  readonly version: number;
}

/** A page of commits and the positions it covers. */
export interface CheckedPage {
  readonly commits: readonly CommitRow[];
  /** Last position of the page. */
  readonly until: number;
}

export interface CheckedPageResult {
  readonly findings: readonly Finding[];
  /** What has to be asked of the log itself. */
  readonly questions: readonly VersionQuestion[];
  /** Were there events with tags? Known in a deep check. */
  readonly tagged: boolean;
}

/**
 * Checks a log as it goes by: page by page, and in each page event by event. Each fault is found once: after it the check goes on with what
 * is stored.
 */
export class LogCheck {
  readonly #deep: boolean;
  readonly #versions: StreamVersions;
  // streams that are not in mind have no events between the beginning of the log and here
  #versionsKnown: boolean;
  #position: number;
  #previousEnd: number;
  #previousHash: Buffer | undefined;
  #previousTime = Number.NEGATIVE_INFINITY;
  #page: CheckedPage = { commits: [], until: 0 };
  #commit = 0;
  readonly #hasher = new CommitHasher();
  #chaining = false;
  #seen = 0;
  #tagged = false;
  #findings: Finding[] = [];
  #questions: VersionQuestion[] = [];

  constructor({ after, previousHash, deep, streamsInMind = 8_388_608 }: LogCheckOptions) {
    this.#deep = deep;
    this.#position = after;
    this.#previousEnd = after;
    this.#previousHash = previousHash;
    this.#versions = new StreamVersions(streamsInMind);
    this.#versionsKnown = after === 0;
  }

  begin(page: CheckedPage): void {
    this.#page = page;
    this.#tagged = false;
    this.#commit = 0;
    this.#openCommit();
  }

  event(row: EventRowBytes): void {
    const { position } = row;
    if (position <= this.#position) {
      this.#find('EventRepeated', position, 'a second event at this position', { stream: row.stream });
      return;
    }
    if (position > this.#position + 1) this.#missing(this.#position + 1, position - 1);
    this.#position = position;
    while (this.#current !== undefined && this.#current.lastPosition < position) this.#closeCommit();
    this.#checkVersion(row, position);
    if (this.#deep) this.#checkContent(row, position);
    this.#chainEvent(row, position);
  }

  /** Ends the page. */
  end(): CheckedPageResult {
    const { until } = this.#page;
    if (this.#position < until) this.#missing(this.#position + 1, until);
    this.#position = until;
    while (this.#current !== undefined) this.#closeCommit();
    if (this.#previousEnd < until) this.#commitMissing(until);
    if (this.#versions.full) {
      this.#versions.clear();
      this.#versionsKnown = false;
    }
    const found = { findings: this.#findings, questions: this.#questions, tagged: this.#tagged };
    this.#findings = [];
    this.#questions = [];
    return found;
  }

  get #current(): CommitRow | undefined {
    return this.#page.commits[this.#commit];
  }

  #checkVersion(row: EventRowBytes, position: number): void {
    const { version } = row;
    const [high, low] = row.streamHash;
    const known = this.#versions.get(high, low);
    const sure = known > 0 || this.#versionsKnown;
    if (!sure || version !== known + 1) this.#questions.push({ stream: row.stream, position, version });
    if (version > known) this.#versions.set(high, low, version);
  }

  #checkContent(row: EventRowBytes, position: number): void {
    if (row.tagged) this.#tagged = true;
    if (row.digest.equals(row.computeDigest())) return;
    this.#find('EventAltered', position, 'its content does not have its digest', { stream: row.stream });
  }

  #openCommit(): void {
    const commit = this.#current;
    if (commit === undefined) return;
    const { firstPosition, recordedAt } = commit;
    if (firstPosition > this.#previousEnd + 1) this.#commitMissing(firstPosition - 1);
    if (firstPosition <= this.#previousEnd) {
      this.#find('CommitOverlapping', firstPosition, `the commit before it ends at ${this.#previousEnd}`, { to: commit.lastPosition });
    }
    if (recordedAt < this.#previousTime) {
      this.#find('CommitTimeWrong', firstPosition, 'it is recorded as of before its predecessor', { to: commit.lastPosition });
    }
    this.#seen = 0;
    this.#chaining = this.#deep && this.#previousHash !== undefined;
    if (this.#previousHash !== undefined) this.#hasher.begin(this.#previousHash, commit);
  }

  #chainEvent(row: EventRowBytes, position: number): void {
    const commit = this.#current;
    if (commit === undefined || commit.firstPosition > position) return;
    if (row.recordedAt !== commit.recordedAt) {
      this.#find('EventTimeWrong', position, 'its recorded time is not that of its commit', { stream: row.stream });
    }
    this.#seen += 1;
    if (this.#chaining) this.#hasher.add(position, row.version, row.digest);
  }

  #closeCommit(): void {
    const commit = this.#current;
    if (commit === undefined) return;
    const { firstPosition, lastPosition, hash, recordedAt } = commit;
    const whole = this.#seen === lastPosition - firstPosition + 1; // if not, what is missing has been found
    if (this.#chaining && whole && !this.#hasher.digest().equals(hash)) {
      this.#find('CommitAltered', firstPosition, 'what it covers does not have its hash', { to: lastPosition });
    }
    this.#previousHash = hash;
    this.#previousEnd = Math.max(this.#previousEnd, lastPosition);
    this.#previousTime = recordedAt;
    this.#commit += 1;
    this.#openCommit();
  }

  #missing(from: number, to: number): void {
    this.#find('EventMissing', from, from === to ? 'there is no event at this position' : 'there are no events at these positions', { to });
  }

  #commitMissing(to: number): void {
    this.#find('CommitMissing', this.#previousEnd + 1, 'no commit covers these positions', { to });
    this.#previousEnd = to;
    this.#previousHash = undefined; // it went with the commit: the next one's hash cannot be recomputed
  }

  #find(kind: FindingKind, position: number, detail: string, more: { readonly to?: number; readonly stream?: string }): void {
    const { to = position, stream } = more;
    this.#findings.push({
      kind,
      position,
      ...(to !== position && { lastPosition: to }),
      ...(stream !== undefined && { stream }),
      detail,
    });
  }
}
