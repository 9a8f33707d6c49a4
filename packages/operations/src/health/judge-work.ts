import type { BackgroundWork, ConsumerWork, OpenJob, ProcessManagerWork } from '@kiroku/postgres';

/**
 * `running`: it does what is there to do. `behind`: it moves, but what waits is older than it may be. `failing`: what it does fails, and others have
 * to mend that. `unknown`: nothing is overdue, and who does it does not answer. `stalled`: it does not move, though there is work. `orphaned`: nobody
 * holds it, or its holder is gone. `missing`: it has never run.
 */
export type WorkState = 'running' | 'behind' | 'failing' | 'unknown' | 'stalled' | 'orphaned' | 'missing';

/** Something that works in the background, and how it is. */
export interface WorkStatus {
  /** `process manager fulfilment`, `timers of fulfilment`, `command delivery`, `jobs`, `consumer billing`. */
  readonly name: string;
  readonly state: WorkState;
  /** Why it is not running. */
  readonly reason?: string;
}

export interface WorkLimits {
  /** How long work may wait, and a holder be gone, before something is wrong, seconds. */
  readonly maxDelaySeconds: number;
}

/** States that somebody has to do something about. */
const faulty: ReadonlySet<WorkState> = new Set(['stalled', 'orphaned', 'missing']);

export function isFaultyWork({ state }: WorkStatus): boolean {
  return faulty.has(state);
}

/** How each part is: the process managers of these names with their timers, the delivery of their commands, jobs, and outside consumers. */
export function judgeWork(work: BackgroundWork, processManagers: readonly string[], limits: WorkLimits): readonly WorkStatus[] {
  const followed = processManagers.flatMap((name): readonly WorkStatus[] => {
    const found = work.processManagers.find((each) => each.name === name);
    const [label, timers] = [`process manager ${name}`, `timers of ${name}`];
    if (found === undefined) return [{ name: label, state: 'missing', reason: 'no process has run it yet' }];
    return [
      { name: label, ...judgeProcessManager(found, limits) },
      { name: timers, ...judgeOverdue(found.timerOverdueSeconds, 'a timer', limits) },
    ];
  });
  const delivery = processManagers.length === 0 ? [] : [{ name: 'command delivery', ...judgeDelivery(work, limits) }];
  const consumers = work.consumers.map((each) => ({ name: `consumer ${each.name}`, ...judgeConsumer(each, limits) }));
  return [...followed, ...delivery, { name: 'jobs', ...judgeJobs(work.jobs, limits) }, ...consumers];
}

type Judgement = Omit<WorkStatus, 'name'>;

const running: Judgement = { state: 'running' };
// leases are renewed four times in their time, and handed over within one of these
const handOverSeconds = 5;

function judgeProcessManager(work: ProcessManagerWork, limits: WorkLimits): Judgement {
  const { partitions, unheld } = work;
  const what = partitions === unheld ? 'its lease' : `the leases of ${unheld} of its ${partitions} partitions`;
  return (unheld > 0 ? judgeLease(work, what, limits) : undefined) ?? judgeLag(work, limits.maxDelaySeconds);
}

function judgeConsumer(work: ConsumerWork, limits: WorkLimits): Judgement {
  const lost = work.held ? undefined : judgeLease(work, 'its lease', limits);
  if (lost !== undefined) return lost;
  const patience = Math.max(limits.maxDelaySeconds, (2 * work.timeoutMs) / 1_000); // what is on its way is not late
  const late = judgeOverdue(work.overdueSeconds, 'a message', { maxDelaySeconds: patience });
  const judged = late.state === 'running' ? judgeLag(work, patience) : late;
  const fails = failureOf(work, limits);
  if (fails === undefined) return judged;
  return judged.state === 'stalled' ? { ...judged, reason: `${judged.reason}; ${fails}` } : { state: 'failing', reason: fails };
}

/** What is tried again soon may pass; a dead letter waits for somebody. */
function failureOf(
  { name, failingError, failingSeconds = 0, deadError, deadSeconds = 0 }: ConsumerWork,
  { maxDelaySeconds }: WorkLimits,
): string | undefined {
  if (failingError !== undefined && failingSeconds > maxDelaySeconds)
    return `messages have failed for ${inSeconds(failingSeconds)}: ${inOneLine(failingError)}: \`kiroku consumer show ${name}\``;
  if (deadError === undefined) return undefined;
  return `a message has been dead for ${inSeconds(deadSeconds)}: ${inOneLine(deadError)}: \`kiroku consumer dead list ${name}\``;
}

function judgeLease(
  { lapsedSeconds, attending }: Pick<ProcessManagerWork, 'lapsedSeconds' | 'attending'>,
  what: string,
  { maxDelaySeconds }: WorkLimits,
): Judgement | undefined {
  if (lapsedSeconds !== undefined && lapsedSeconds > Math.min(handOverSeconds, maxDelaySeconds)) {
    return { state: 'orphaned', reason: `who held ${what} has been gone for ${inSeconds(lapsedSeconds)}, and nobody has taken over` };
  }
  if (lapsedSeconds === undefined && attending === 0) return { state: 'orphaned', reason: `no running process holds ${what}` };
  return undefined; // it is being handed over
}

function judgeLag(
  { position, events, seconds, restedSeconds }: Pick<ProcessManagerWork, 'position' | 'events' | 'seconds' | 'restedSeconds'>,
  maxDelaySeconds: number,
): Judgement {
  if (seconds <= maxDelaySeconds) return running;
  const where = `at position ${position}, ${events} events and ${inSeconds(seconds)} behind the log`;
  return restedSeconds > maxDelaySeconds
    ? { state: 'stalled', reason: `it has not moved for ${inSeconds(restedSeconds)}; it is ${where}` }
    : { state: 'behind', reason: `it is ${where}, and moves` };
}

function judgeOverdue(overdueSeconds: number | undefined, what: string, { maxDelaySeconds }: WorkLimits): Judgement {
  if (overdueSeconds === undefined || overdueSeconds <= maxDelaySeconds) return running;
  return { state: 'stalled', reason: `${what} has been due for ${inSeconds(overdueSeconds)}` };
}

function judgeDelivery({ commandOverdueSeconds }: BackgroundWork, limits: WorkLimits): Judgement {
  return judgeOverdue(commandOverdueSeconds, 'a command of a process manager', limits);
}

/** A queued job may wait for as long as another one runs. */
function judgeJobs(jobs: readonly OpenJob[], { maxDelaySeconds }: WorkLimits): Judgement {
  const left = jobs.find(({ lapsedSeconds = 0 }) => lapsedSeconds > maxDelaySeconds);
  if (left?.lapsedSeconds !== undefined) {
    const reason = `who ran job ${left.id} (${left.verb}) has been gone for ${inSeconds(left.lapsedSeconds)}, and nobody has taken over`;
    return { state: 'orphaned', reason };
  }
  const isHeld = jobs.some(({ lapsedSeconds }) => lapsedSeconds !== undefined && lapsedSeconds <= 0);
  const waiting = isHeld ? undefined : jobs.find(({ queuedSeconds = 0 }) => queuedSeconds > maxDelaySeconds);
  if (waiting?.queuedSeconds === undefined) return running;
  return {
    state: 'stalled',
    reason: `job ${waiting.id} (${waiting.verb}) has waited for ${inSeconds(waiting.queuedSeconds)}, and no process takes it`,
  };
}

const shownText = 120;

/** A receiver may answer with a page. */
function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > shownText ? `${line.slice(0, shownText - 1)}…` : line;
}

function inSeconds(seconds: number): string {
  return `${Math.round(seconds)} s`;
}
