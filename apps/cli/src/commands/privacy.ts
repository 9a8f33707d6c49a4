import type { Command } from 'commander';
import { addPrivacyForget } from './privacy-forget.ts';
import { addPrivacyShow } from './privacy-show.ts';

export function addPrivacy(program: Command): void {
  const privacy = program.command('privacy');
  for (const add of [addPrivacyShow, addPrivacyForget]) add(privacy);
}
