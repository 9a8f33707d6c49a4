import type { Installation } from '@kiroku/operations';
import type { Command } from 'commander';
import { type GlobalFlags, readInstallation } from '../installation/read-installation.ts';

/** The installation that the command line and the environment point to. */
export function installationOf(command: Command): Promise<Installation> {
  return readInstallation(command.optsWithGlobals<GlobalFlags>());
}
