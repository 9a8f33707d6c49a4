/**
 * Keeps a key of 32 bytes for each subject: a person whose data is encrypted. Not in the databases, whose backups must not hold both.
 * Several processes may use it at once. Throws `KeyStoreUnavailable`. See the contract suite in @kiroku/testing.
 */
export interface KeyStore {
  /** The subject's key, made durable before it is returned for the first time. Throws `SubjectForgotten`. */
  keyFor(subject: string): Promise<Uint8Array>;
  /** The subject's key; `undefined` if none was ever made, or it was lost. */
  findKey(subject: string): Promise<Uint8Array | 'forgotten' | undefined>;
  /**
   * Keys that are the subject's beside that one: it was lost, another was made in its place, and it was restored. Something may be encrypted with each.
   * None of a subject that was forgotten.
   */
  findOtherKeys(subject: string): Promise<readonly Uint8Array[]>;
  /** Destroys the subject's keys for good, and remembers it, also of a subject that has none. */
  forget(subject: string): Promise<void>;
}

/** A key store that knows when it has forgotten somebody: what was derived from the log later holds nothing of them. */
export interface DatesForgetting {
  /** ISO 8601; `undefined` if the subject was not forgotten. */
  forgottenAt(subject: string): Promise<string | undefined>;
}
