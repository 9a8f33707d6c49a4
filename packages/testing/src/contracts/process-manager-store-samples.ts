import type {
  ClaimedCommand,
  Claiming,
  CommandOutcome,
  DueTimer,
  LogIdentity,
  OutgoingCommand,
  ProcessChanges,
  ProcessInstance,
  ProcessLease,
  ProcessManagerStore,
  ProcessStep,
  TimerSetting,
} from '@kiroku/core';

/** A store under test, with a way to look into it. */
export interface ProcessManagerStoreUnderTest extends AsyncDisposable {
  readonly store: ProcessManagerStore;
  instance(processManager: string, id: string): Promise<ProcessInstance | undefined>;
  history(processManager: string, instance: string): Promise<readonly ProcessStep[]>;
  command(id: string): Promise<{ readonly outcome?: CommandOutcome; readonly lastError?: string } | undefined>;
}

export type MakeProcessManagerStore = () => Promise<ProcessManagerStoreUnderTest>;

export const log: LogIdentity = { id: '0199f0a0-0000-7000-8000-000000000001', timeline: 1 };
export const manager = 'contract-saga';
export const running: ProcessInstance = { id: 'order-1', state: { step: 1, note: '日本', list: [null, true] }, status: 'running' };
export const accepted: CommandOutcome = { accepted: true, position: 42 };

export const none: ProcessChanges = { instances: [], commands: [] };

export async function prepared(make: MakeProcessManagerStore): Promise<ProcessManagerStoreUnderTest> {
  const subject = await make();
  await subject.store.prepare(manager, log);
  return subject;
}

export function attend({ store }: ProcessManagerStoreUnderTest, instance: string, leaseMs = 60_000): Promise<readonly ProcessLease[]> {
  return store.attend({ instance, processManagers: [manager], leaseMs });
}

export async function leaseOf(subject: ProcessManagerStoreUnderTest): Promise<ProcessLease> {
  const [lease] = await attend(subject, 'contract');
  if (lease === undefined) throw new Error('a lone process gets every partition');
  return lease;
}

export async function advance(
  subject: ProcessManagerStoreUnderTest,
  changes: ProcessChanges,
  after = 0,
  claiming?: Claiming,
): Promise<readonly ClaimedCommand[]> {
  const instances = changes.instances.map(({ id }) => id);
  const partitions = [{ lease: await leaseOf(subject), after }];
  const batch = { processManager: manager, partitions, position: after + 5, instances, react: () => changes };
  return subject.store.advance({ ...batch, ...(claiming && { claim: claiming }) });
}

export async function fire({ store }: ProcessManagerStoreUnderTest, changes: ProcessChanges, limit = 10): Promise<readonly DueTimer[]> {
  let fired: readonly DueTimer[] = [];
  const react = (timers: readonly DueTimer[]): ProcessChanges => {
    fired = timers;
    return changes;
  };
  await store.fire({ processManager: manager, limit, react });
  return fired;
}

export function timer(name: string, inMs: number, n = 1): Extract<TimerSetting, { readonly id: string }> {
  const id = `0199f0a0-0000-7000-8000-0000000002${String(n).padStart(2, '0')}`;
  return { instance: 'order-1', name, id, due: { inMs }, metadata: { correlationId: 'c-1' } };
}

export function claim({ store }: ProcessManagerStoreUnderTest, limit = 10, leaseMs = 60_000): Promise<readonly ClaimedCommand[]> {
  return store.claim({ limit, leaseMs });
}

export async function giveBack(
  { store }: ProcessManagerStoreUnderTest,
  claimed: ClaimedCommand | undefined,
  retryInMs?: number,
): Promise<void> {
  if (claimed === undefined) throw new Error('there was nothing to claim');
  await store.giveBack({ command: claimed, error: 'out of order', ...(retryInMs !== undefined && { retryInMs }) });
}

/** A batch that records outcomes, and moves no partition. */
export const outcomesAlone = { processManager: manager, partitions: [], position: 0, instances: [] } as const;

export function command(n: number, instance = 'order-1'): OutgoingCommand {
  return {
    id: `0199f0a0-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`,
    processManager: manager,
    instance,
    type: 'ReserveStock',
    data: { productId: `p-${n}`, quantity: n, nested: { empty: [] } },
    metadata: { correlationId: 'c-1', causationId: 'e-1' },
  };
}

export function fail(): never {
  throw new Error('the reaction failed');
}
