/** What is to be restored. */
export type RestoreWanted =
  /** All that there is. */
  | { readonly kind: 'latest' }
  /** What a backup held when it ended. */
  | { readonly kind: 'backup'; readonly id: string }
  /** What was committed by then; ISO 8601 in UTC. */
  | { readonly kind: 'time'; readonly time: string }
  /** The log up to the commit that holds this position. */
  | { readonly kind: 'position'; readonly position: number };

/** As it is said to people: `the backup 2026…`, `position 17`. */
export function describeWanted(wanted: RestoreWanted): string {
  switch (wanted.kind) {
    case 'latest':
      return 'all that is kept';
    case 'backup':
      return `backup ${wanted.id}`;
    case 'time':
      return wanted.time;
    case 'position':
      return `position ${wanted.position}`;
  }
}
