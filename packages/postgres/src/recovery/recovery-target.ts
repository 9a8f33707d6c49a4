/** Which history a recovery goes along where they part: that of the backup. Default: the newest. */
interface Along {
  readonly along?: 'backup';
}

/** Where a recovery ends. */
export type RecoveryTarget =
  /** Everything that the write-ahead log holds. */
  | ({ readonly kind: 'end of log' } & Along)
  /** As soon as the backup is whole. */
  | { readonly kind: 'end of backup' }
  /** What was committed by then; ISO 8601 in UTC. */
  | ({ readonly kind: 'time'; readonly time: string } & Along)
  /** With this transaction as the last. */
  | { readonly kind: 'transaction'; readonly xid: string };

/** The server's settings for it. */
export function recoverySettings(target: RecoveryTarget): { readonly [setting: string]: string } {
  switch (target.kind) {
    case 'end of log':
      return along(target);
    case 'end of backup':
      return { recovery_target: 'immediate', ...thenServe };
    case 'time':
      return {
        recovery_target_time: target.time.replace(/Z$/, '+00'), // names of zones are not known yet when this is read
        recovery_target_inclusive: 'on',
        ...along(target),
        ...thenServe,
      };
    case 'transaction':
      return { recovery_target_xid: target.xid, recovery_target_inclusive: 'on', ...thenServe };
  }
}

function along(target: Along): { readonly [setting: string]: string } {
  return target.along === undefined ? {} : { recovery_target_timeline: 'current' };
}

const thenServe = { recovery_target_action: 'promote' };
