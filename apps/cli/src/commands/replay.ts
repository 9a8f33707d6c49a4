import type { Command } from 'commander';
import { addReplayBuild } from './replay-build.ts';
import { addReplayDiff } from './replay-diff.ts';
import { addReplayDrop } from './replay-drop.ts';
import { addReplayList } from './replay-list.ts';

export function addReplay(program: Command): void {
  const replay = program.command('replay');
  for (const add of [addReplayBuild, addReplayList, addReplayDiff, addReplayDrop]) add(replay);
}
