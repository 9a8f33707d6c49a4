/** A file of a key store, as text. */
export interface KeyFileText {
  /** Within the store. */
  readonly path: string;
  readonly text: string;
}

/**
 * What a file of a key store is worth: the key of a subject, the word that it was forgotten, or a master key, each whole; wrapped with a master key that
 * is not known, so that nobody can say; or damaged.
 */
export type KeyFileVerdict = 'key' | 'forgotten' | 'master' | 'foreign' | 'damaged';

/** A key store whose files can be told apart, so that a backup of them replaces what is damaged, and nothing else. */
export interface JudgesKeyFiles {
  /** `masters`: texts of the generated master keys that keys may be wrapped with; what is damaged of them is passed over. */
  judge(file: KeyFileText, masters: readonly string[]): KeyFileVerdict;
}
