import { randomBytes } from 'node:crypto';
import { type KeyStore, KirokuError } from '@kiroku/core';

/** Keys in memory, for tests and examples. */
export class InMemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, Uint8Array | 'forgotten'>();
  readonly #others = new Map<string, readonly Uint8Array[]>();

  async keyFor(subject: string): Promise<Uint8Array> {
    const key = this.#keys.get(subject) ?? Uint8Array.from(randomBytes(32));
    if (key === 'forgotten') throw forgotten(subject);
    this.#keys.set(subject, key);
    return Uint8Array.from(key);
  }

  async findKey(subject: string): Promise<Uint8Array | 'forgotten' | undefined> {
    const key = this.#keys.get(subject);
    return typeof key === 'object' ? Uint8Array.from(key) : key;
  }

  async findOtherKeys(subject: string): Promise<readonly Uint8Array[]> {
    return this.#others.get(subject) ?? [];
  }

  async forget(subject: string): Promise<void> {
    this.#keys.set(subject, 'forgotten');
    this.#others.delete(subject);
  }

  /** Puts a key back as a restore does: beside another that was made meanwhile. */
  restore(subject: string, key: Uint8Array): void {
    const there = this.#keys.get(subject);
    if (there === undefined) this.#keys.set(subject, key);
    else if (there !== 'forgotten') this.#others.set(subject, [...(this.#others.get(subject) ?? []), key]);
  }

  /** Loses a key as a fault would, not as `forget` does. */
  lose(subject: string): void {
    this.#keys.delete(subject);
  }
}

function forgotten(subject: string): KirokuError {
  return new KirokuError('SubjectForgotten', `${subject} was forgotten, so nothing personal can be stored about it. Use a new id.`, {
    details: { subject },
  });
}
