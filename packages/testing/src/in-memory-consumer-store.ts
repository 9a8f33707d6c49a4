import {
  type Consumer,
  type ConsumerLease,
  type ConsumerStore,
  type DeadLetter,
  type DeliveryFault,
  type DueMessage,
  type KeptMessage,
  KirokuError,
  type LogIdentity,
  type MessageFailure,
  type NewConsumer,
  type SealedSecrets,
  type SettledMessages,
} from '@kiroku/core';

interface Message extends Omit<KeptMessage, 'failure'> {
  state: 'waiting' | 'queued' | 'dead';
  attempts: number;
  /** Milliseconds since 1970. */
  dueAt: number;
  error?: string;
  firstFailedAt?: number;
  failedAt?: number;
}

interface Kept extends Omit<NewConsumer, 'secrets' | 'position' | 'log'> {
  readonly createdAt: string;
  secrets: SealedSecrets;
  position: number;
  movedAt: string;
  log: LogIdentity;
  paused?: { readonly reason: string; readonly since: string };
  owner?: string;
  leasedUntil: number;
  epoch: number;
  fault?: DeliveryFault & { readonly since: string; readonly epoch: number };
  /** In the order of the log. */
  messages: Message[];
}

/** A consumer store in memory: everything the port promises but durability. For tests. */
export class InMemoryConsumerStore implements ConsumerStore {
  readonly #kept = new Map<string, Kept>();
  readonly #alive = new Map<string, number>();

  async add(consumer: NewConsumer): Promise<void> {
    if (this.#kept.has(consumer.name)) throw new KirokuError('ConsumerExists', `There is a consumer ${consumer.name} already.`);
    const at = now();
    this.#kept.set(consumer.name, { ...structuredClone(consumer), createdAt: at, movedAt: at, leasedUntil: 0, epoch: 0, messages: [] });
  }

  async consumers(): Promise<readonly Consumer[]> {
    return [...this.#kept.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(shown);
  }

  async consumer(name: string): Promise<Consumer> {
    return shown(this.#named(name));
  }

  async secrets(name: string): Promise<SealedSecrets> {
    return this.#named(name).secrets;
  }

  async setPaused(name: string, reason: string | undefined): Promise<void> {
    const kept = this.#taken(name);
    const since = kept.paused?.since ?? now();
    delete kept.paused;
    if (reason !== undefined) kept.paused = { reason, since };
  }

  async rewind(name: string, { position, log }: { readonly position: number; readonly log: LogIdentity }): Promise<void> {
    const kept = this.#taken(name);
    kept.messages = kept.messages.filter((message) => message.position <= position);
    Object.assign(kept, { position, log, movedAt: now() });
  }

  async setSecrets(name: string, secrets: SealedSecrets): Promise<void> {
    this.#taken(name).secrets = structuredClone(secrets);
  }

  async remove(name: string): Promise<void> {
    this.#named(name);
    this.#kept.delete(name);
  }

  async attend({ instance, leaseMs }: { readonly instance: string; readonly leaseMs: number }): Promise<readonly ConsumerLease[]> {
    this.#alive.set(instance, Date.now() + leaseMs);
    const attending = [...this.#alive].filter(([, until]) => until > Date.now()).map(([name]) => name);
    const all = [...this.#kept.values()];
    const share = Math.floor(all.length / attending.length) + Number(attending.sort().indexOf(instance) < all.length % attending.length);
    const takeable = all.filter(({ owner, leasedUntil }) => owner === undefined || owner === instance || leasedUntil <= Date.now());
    const ranked = takeable.sort((a, b) => Number(b.owner === instance) - Number(a.owner === instance));
    const held = ranked.slice(0, share);
    for (const kept of held) {
      if (kept.owner !== instance) kept.epoch += 1;
      Object.assign(kept, { owner: instance, leasedUntil: Date.now() + leaseMs });
    }
    return held.map(leaseOf);
  }

  async release({ name, id, epoch }: ConsumerLease): Promise<void> {
    const kept = this.#kept.get(name);
    if (kept?.id === id && kept.epoch === epoch) delete kept.owner;
  }

  async leave(instance: string): Promise<void> {
    this.#alive.delete(instance);
    for (const kept of this.#kept.values()) if (kept.owner === instance) delete kept.owner;
  }

  async resume(lease: ConsumerLease): Promise<{ readonly position: number; readonly blocked: readonly string[] }> {
    const { position, messages } = this.#named(lease.name);
    return { position, blocked: [...new Set(messages.map(({ stream }) => stream))] };
  }

  async advance({ lease, position, kept: added }: Parameters<ConsumerStore['advance']>[0]): Promise<void> {
    const kept = this.#held(lease);
    for (const { failure, ...message } of [...added].sort((a, b) => a.position - b.position)) {
      if (message.position <= kept.position) continue; // an answer got lost
      const queued = kept.messages.some(({ stream }) => stream === message.stream);
      const placed: Message = { ...message, state: 'waiting', attempts: 0, dueAt: Date.now() };
      if (failure !== undefined) note(placed, failure);
      kept.messages.push(queued ? { ...placed, state: 'queued' } : placed);
    }
    Object.assign(kept, { position, movedAt: now() });
  }

  async due({ lease, limit, perStream }: Parameters<ConsumerStore['due']>[0]): Promise<readonly (readonly DueMessage[])[]> {
    const { messages } = this.#named(lease.name);
    const heads = messages.filter(({ state, dueAt }) => state === 'waiting' && dueAt <= Date.now()).sort((a, b) => a.dueAt - b.dueAt);
    return heads.slice(0, limit).map((head) =>
      messages
        .filter(({ stream }) => stream === head.stream)
        .slice(0, perStream)
        .map(({ position, stream, attempts, firstFailedAt }) => ({
          position,
          stream,
          attempts,
          failingForMs: firstFailedAt === undefined ? 0 : Date.now() - firstFailedAt,
        })),
    );
  }

  async settle({ lease, delivered, failed }: { readonly lease: ConsumerLease } & SettledMessages): Promise<readonly string[]> {
    const kept = this.#held(lease);
    const gone = kept.messages.filter(({ position }) => delivered.includes(position)).map(({ stream }) => stream);
    kept.messages = kept.messages.filter(({ position }) => !delivered.includes(position));
    for (const { position, failure } of failed) {
      const message = kept.messages.find((each) => each.position === position);
      if (message !== undefined) note(message, failure);
    }
    return haveNextTakeTurn(kept, gone);
  }

  async hurry(lease: Pick<ConsumerLease, 'name'>): Promise<void> {
    for (const message of this.#named(lease.name).messages) message.dueAt = Math.min(message.dueAt, Date.now());
  }

  async countBlocked(lease: ConsumerLease): Promise<{ readonly retried: number; readonly dead: number }> {
    const { messages } = this.#named(lease.name);
    const count = (wanted: Message['state']) => messages.filter(({ state }) => state === wanted).length;
    return { retried: count('waiting'), dead: count('dead') };
  }

  async noteFault({ name, id, epoch }: ConsumerLease, fault: DeliveryFault | undefined): Promise<void> {
    const kept = this.#kept.get(name);
    if (kept?.id !== id || kept.epoch !== epoch) return;
    const since = kept.fault?.epoch === epoch ? kept.fault.since : now();
    delete kept.fault;
    if (fault !== undefined) kept.fault = { ...fault, since, epoch };
  }

  async pauseHeld(lease: ConsumerLease, reason: string): Promise<void> {
    this.#held(lease);
    await this.setPaused(lease.name, reason);
  }

  async deadLetters({ consumer, after, limit }: Parameters<ConsumerStore['deadLetters']>[0]): Promise<readonly DeadLetter[]> {
    const chosen = [...this.#kept.values()].filter(({ name }) => consumer === undefined || name === consumer);
    return chosen
      .flatMap(({ name, messages }) =>
        messages.filter(({ state }) => state === 'dead').map((message) => ({ name, message, ...times(message) })),
      )
      .map((letter) => ({ ...letter, place: [letter.diedAt, letter.message.position, letter.name] as const }))
      .filter(({ place }) => after === undefined || isAfter(place, [after.diedAt, after.position, after.consumer]))
      .sort((a, b) => (isAfter(a.place, b.place) ? 1 : -1))
      .slice(0, limit)
      .map(({ name, message: { position, eventId, eventType, stream, error = '', attempts }, failedAt, diedAt }) => ({
        consumer: name,
        position,
        eventId,
        eventType,
        stream,
        error,
        attempts,
        failedAt,
        diedAt,
        behind: this.#named(name).messages.filter((each) => each.stream === stream && each.position > position).length,
      }));
  }

  async retryDead(consumer: string, positions: readonly number[] | 'all'): Promise<readonly number[]> {
    const dead = this.#named(consumer).messages.filter(
      ({ state, position }) => state === 'dead' && (positions === 'all' || positions.includes(position)),
    );
    for (const message of dead) {
      Object.assign(message, { state: 'waiting', attempts: 0, dueAt: Date.now() });
      delete message.error;
      delete message.firstFailedAt;
    }
    return dead.map(({ position }) => position);
  }

  async discardDead(consumer: string, positions: readonly number[]): Promise<readonly number[]> {
    const kept = this.#named(consumer);
    const gone = kept.messages.filter(({ state, position }) => state === 'dead' && positions.includes(position));
    kept.messages = kept.messages.filter((message) => !gone.includes(message));
    haveNextTakeTurn(
      kept,
      gone.map(({ stream }) => stream),
    );
    return gone.map(({ position }) => position);
  }

  #named(name: string): Kept {
    const kept = this.#kept.get(name);
    if (kept === undefined) throw new KirokuError('NotFound', `There is no consumer ${name}.`);
    return kept;
  }

  /** Taken from its owner, for a change. */
  #taken(name: string): Kept {
    const kept = this.#named(name);
    kept.epoch += 1;
    delete kept.owner;
    return kept;
  }

  #held({ name, id, epoch }: ConsumerLease): Kept {
    const kept = this.#kept.get(name);
    if (kept?.id === id && kept.epoch === epoch) return kept;
    throw new KirokuError('LeaseLost', `The consumer ${name} was changed, or is another's now.`);
  }
}

function note(message: Message, { error, retry }: MessageFailure): void {
  message.attempts += 1;
  message.error = error;
  message.firstFailedAt ??= Date.now();
  message.failedAt = Date.now();
  message.state = retry === 'dead' ? 'dead' : 'waiting';
  message.dueAt = retry === 'dead' ? Number.POSITIVE_INFINITY : Date.now() + retry.inMs;
}

function haveNextTakeTurn(kept: Kept, streams: readonly string[]): readonly string[] {
  return [...new Set(streams)].filter((stream) => {
    const next = kept.messages.find((message) => message.stream === stream);
    if (next?.state === 'queued') Object.assign(next, { state: 'waiting', dueAt: Date.now() });
    return next === undefined;
  });
}

function leaseOf(kept: Kept): ConsumerLease {
  const { id, name, url, filter, reveal, terms, epoch, secrets, log, paused } = kept;
  return { id, name, url, filter, reveal, terms, epoch, secrets, log, paused: paused !== undefined };
}

function shown(kept: Kept): Consumer {
  const { id, name, url, filter, reveal, terms, log, position, movedAt, paused, owner, leasedUntil, messages, createdBy, createdAt } = kept;
  const failing = failingOf(kept);
  const until = kept.secrets.previous?.until;
  return {
    id,
    name,
    url,
    filter,
    reveal,
    terms,
    log,
    position,
    movedAt,
    createdBy,
    createdAt,
    ...(paused && { paused }),
    waiting: messages.filter(({ state }) => state !== 'dead').length,
    dead: messages.filter(({ state }) => state === 'dead').length,
    ...(failing && { failing }),
    ...(owner !== undefined && leasedUntil > Date.now() && { owner }),
    ...(until !== undefined && Date.parse(until) > Date.now() && { previousSecretUntil: until }),
  };
}

function failingOf({ fault, epoch, messages }: Kept): Consumer['failing'] {
  if (fault?.epoch === epoch) return { error: fault.error, since: fault.since, code: fault.code };
  const failed = messages.filter(({ error }) => error !== undefined).sort((a, b) => (a.failedAt ?? 0) - (b.failedAt ?? 0));
  const since = Math.min(...failed.map(({ firstFailedAt = 0 }) => firstFailedAt));
  const error = failed.at(-1)?.error;
  return error === undefined ? undefined : { error, since: new Date(since).toISOString() };
}

function times({ firstFailedAt = 0, failedAt = 0 }: Message): { readonly failedAt: string; readonly diedAt: string } {
  return { failedAt: new Date(firstFailedAt).toISOString(), diedAt: new Date(failedAt).toISOString() };
}

function now(): string {
  return new Date().toISOString();
}

function isAfter(place: readonly (string | number)[], other: readonly (string | number)[]): boolean {
  const index = place.findIndex((part, each) => part !== other[each]);
  return index >= 0 && (place[index] ?? 0) > (other[index] ?? 0);
}
