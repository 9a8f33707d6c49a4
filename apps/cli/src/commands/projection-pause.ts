import { type PausedVersion, planPause } from '@kiroku/operations';
import type { Command } from 'commander';
import { operationsOf, remoteOption } from '../operations/operations.ts';
import { print, printJson } from '../output/print.ts';

interface PauseFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addProjectionPause(projection: Command): void {
  addPausing(projection, { verb: 'pause', description: 'stop following the log: queries go on, and read what is there' });
}

export function addProjectionResume(projection: Command): void {
  addPausing(projection, { verb: 'resume', description: 'let paused projections go on from where they are' });
}

function addPausing(projection: Command, { verb, description }: { readonly verb: 'pause' | 'resume'; readonly description: string }): void {
  const paused = verb === 'pause';
  projection
    .command(verb)
    .description(description)
    .argument('<name...>', 'names of projections')
    .option('--dry-run', 'only say what would happen')
    .addOption(remoteOption())
    .option('--json', 'as a JSON array')
    .action(async (names: string[], { dryRun = false, json = false }: PauseFlags, command: Command) => {
      const operations = await operationsOf(command);
      const versions = dryRun
        ? planPause(await operations.listProjections(), { names, paused })
        : await operations.pauseProjections({ names, paused });
      if (json) printJson(versions);
      else if (versions.length === 0) print('There is nothing built that could be paused.');
      else for (const version of versions) print(pauseLine(version, { paused, dryRun }));
    });
}

function pauseLine(
  { projection, version, unchanged }: PausedVersion,
  { paused, dryRun }: { readonly paused: boolean; readonly dryRun: boolean },
): string {
  const what = `${projection} version ${version}`;
  if (unchanged) return `${what} ${paused ? 'is paused already' : 'is not paused'}.`;
  if (dryRun) return `${what} would ${paused ? 'be paused' : 'go on'}.`;
  return `${what} ${paused ? 'is paused: whoever follows it stops within seconds' : 'goes on'}.`;
}
