import type { BackupManifest } from '@kiroku/backup';
import { parseLsn } from '@kiroku/postgres';

/** How PostgreSQL's newest timeline came to be. */
export interface WalHistory {
  readonly walTimeline: number;
  /** The timelines that led to it, and where each was left. */
  readonly leftAt: ReadonlyMap<number, bigint>;
}

/** Name of the newest among files of the write-ahead log; `undefined` on the first timeline. */
export function newestHistoryFile(names: readonly string[]): string | undefined {
  return names
    .filter((name) => /^[0-9A-F]{8}\.history$/.test(name))
    .reduce<string | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined);
}

/** Of its text: `1⇥0/5000028⇥reason` in each line. */
export function parseWalHistory(name: string, text: string): WalHistory {
  const lines = [...text.matchAll(/^(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/gim)];
  return {
    walTimeline: Number.parseInt(name, 16),
    leftAt: new Map(lines.map(([, timeline, lsn = '']) => [Number(timeline), parseLsn(lsn)])),
  };
}

/** Whether a restore has left, before a backup ended, the history that it is of: then the log that goes on does not go on from it. */
export function isOfLeftHistory({ physical }: Pick<BackupManifest, 'physical'>, history: WalHistory | undefined): boolean {
  if (physical === undefined || history === undefined || physical.walTimeline >= history.walTimeline) return false;
  const leftAt = history.leftAt.get(physical.walTimeline);
  return leftAt === undefined || parseLsn(physical.stopLsn) > leftAt;
}
