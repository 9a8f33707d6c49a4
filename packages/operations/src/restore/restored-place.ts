import type { DatabaseUrls } from '../config/installation.ts';

/** Databases that were restored beside those in use; nobody uses them yet. */
export interface RestoredPlace {
  /** As superuser. */
  readonly urls: DatabaseUrls;
  /** What will happen to which, in one line each: for people, before they agree. */
  readonly switching: readonly string[];
  /** Puts them in the place of those in use. Throws `RestoreRefused` if that cannot be; what is in use is as it was then. */
  switch(): Promise<SwitchedTo>;
  /** Removes them, and what else the restore made. */
  discard(): Promise<void>;
}

/** What is in use after a switch. */
export interface SwitchedTo {
  readonly urls: DatabaseUrls;
  /** Where what was in use before is kept, in words. */
  readonly aside: string;
  /** What is left for people to do, one line each. */
  readonly todo: readonly string[];
}
