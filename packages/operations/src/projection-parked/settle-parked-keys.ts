import {
  isKirokuError,
  type JsonObject,
  KirokuError,
  type ParkedAddress,
  type ParkedKey,
  type ParkedKeyStore,
  type ParkingFault,
  type Projection,
} from '@kiroku/core';
import { retryParkedKey } from '@kiroku/engine';
import { recordedRun } from '../audit/audited-run.ts';
import type { Operator } from '../config/operator.ts';
import type { ProjectionStores } from '../config/projection-stores.ts';
import { listProjections } from '../projection-list/list-projections.ts';
import { requireProjection } from '../projection-list/require-projection.ts';
import { listParkedKeys, manyKeys } from './list-parked-keys.ts';
import { parkedReference } from './parked-reference.ts';
import { type ParkedChoice, type ParkedVerb, planParked } from './plan-parked.ts';

/** What became of a parked key in one build. */
export interface SettledKey {
  readonly build: number;
  readonly key: string;
  /** `free`: its row follows the log again. `parked`: an event failed again, or another one. `gone`: it was not parked any more. */
  readonly outcome: 'free' | 'parked' | 'gone';
  /** Events that had been parked. */
  readonly events: number;
  /** Why it is parked now, and at which position. */
  readonly fault?: ParkingFault & { readonly position: number };
}

/**
 * Retries, skips or discards what is parked, key by key, and records it in the audit log with what was parked and what became of it. Throws
 * `NotFound`, `BadRequest`; and `BadRequest` without a reason if events are left out.
 */
export async function settleParkedKeys(
  stores: ProjectionStores,
  { operator, ...choice }: ParkedChoice & { readonly operator: Operator },
): Promise<readonly SettledKey[]> {
  const { projection: name, verb } = choice;
  if (verb !== 'retry') requireReason(operator, verb);
  const projection = requireProjection(stores.application, name);
  const [statuses, parked] = await Promise.all([
    listProjections(stores, name),
    listParkedKeys(stores, { projection: name, limit: manyKeys }),
  ]);
  const plan = planParked({ statuses, parked }, choice);
  if (plan.length === 0) return [];
  return await recordedRun(stores.audit, operator, {
    verb: `projection parked ${verb}`,
    arguments: { projection: name, version: projection.version, keys: choice.keys === 'all' ? 'all' : [...choice.keys] },
    before: async () => plan.map(beforeOf),
    run: () => settleAll(stores, { projection, verb, plan }),
    after: (settled) => settled.map(afterOf),
  });
}

async function settleAll(
  stores: ProjectionStores,
  { projection, verb, plan }: { readonly projection: Projection; readonly verb: ParkedVerb; readonly plan: readonly ParkedKey[] },
): Promise<readonly SettledKey[]> {
  const settled: SettledKey[] = [];
  for (const key of plan) {
    const { build, table, keyText, events } = key;
    const address: ParkedAddress = { projection, build, table, keyText };
    settled.push({ build, key: parkedReference(key), events, ...(await settleOne(stores, address, verb)) });
  }
  return settled;
}

async function settleOne(
  { parked, events }: ProjectionStores,
  address: ParkedAddress,
  verb: ParkedVerb,
): Promise<Pick<SettledKey, 'outcome' | 'fault'>> {
  if ((await parked.parked(address)) === undefined) return { outcome: 'gone' };
  if (verb === 'discard') await discard(parked, address);
  else await retryParkedKey({ eventStore: events, parkedKeys: parked, parked: address, skip: verb === 'skip' });
  const left = await parked.parked(address);
  if (left === undefined) return { outcome: 'free' };
  return { outcome: 'parked', fault: { ...left.fault, position: left.positions[0] ?? 0 } };
}

// a busy key may get another event between the look at it and the lock
const mostTries = 10;

async function discard(parked: ParkedKeyStore, address: ParkedAddress): Promise<void> {
  for (let tries = 1; ; tries++) {
    const queue = await parked.parked(address);
    if (queue === undefined) return;
    try {
      await parked.settleParked({
        parked: address,
        positions: queue.positions,
        keys: [],
        fold: () => ({ changes: { upserts: [], deletes: [] } }),
      });
      return;
    } catch (error) {
      if (tries === mostTries || !isKirokuError(error, 'CheckpointConflict')) throw error;
    }
  }
}

function requireReason({ reason }: Operator, verb: ParkedVerb): void {
  if (reason !== undefined) return;
  throw new KirokuError('BadRequest', `\`projection parked ${verb}\` leaves events out of a read model. Say why: --reason TEXT.`);
}

function beforeOf(key: ParkedKey): JsonObject {
  const { build, position, eventType, fault, events } = key;
  return { build, key: parkedReference(key), position, eventType, code: fault.code, message: fault.message, events };
}

function afterOf({ build, key, outcome, fault }: SettledKey): JsonObject {
  return { build, key, outcome, ...(fault && { position: fault.position, code: fault.code, message: fault.message }) };
}
