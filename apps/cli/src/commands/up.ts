import { once } from 'node:events';
import { relative } from 'node:path';
import { isKirokuError } from '@kiroku/core';
import { type Installation, Supervisor, serviceUrls, type UpProgress } from '@kiroku/operations';
import type { Command } from 'commander';
import colors from 'picocolors';
import { keysIn } from '../installation/keys-of.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { print, printError, printJsonLine } from '../output/print.ts';
import { installationOf } from './global-options.ts';
import { onInterrupt } from './interrupts.ts';

interface UpFlags {
  readonly verbose?: boolean;
  readonly json?: boolean;
}

export function addUp(program: Command): void {
  program
    .command('up')
    .option('--verbose', "show the services' logs")
    .option('--json', 'one JSON object per line')
    .action(async (flags: UpFlags, command: Command) => runUp(await installationOf(command), flags));
}

async function runUp(installation: Installation, { verbose = false, json = false }: UpFlags): Promise<void> {
  const startedAt = performance.now();
  const tell = json ? printJsonLine : printProgress;
  const supervisor = new Supervisor({ installation, verbose, keysIn: keysIn(installation), onProgress: tell });
  const interrupted = new AbortController();
  const release = onInterrupt({
    stop: () => {
      tell({ kind: 'step', text: 'Stopping …' });
      interrupted.abort();
      void supervisor.stop();
    },
    force: () => {
      printError('Killed. The next start recovers what was committed.');
      supervisor.kill();
      process.exit(exitCodes.failed);
    },
  });
  try {
    await supervisor.start();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (json) printJsonLine({ kind: 'ready', urls: serviceUrls(installation), seconds });
    else printReady(installation, seconds);
    if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
    await supervisor.stop();
  } catch (error) {
    if (!isKirokuError(error, 'Stopping')) throw error;
  } finally {
    release();
  }
  tell({ kind: 'step', text: 'Stopped.' });
}

function printProgress(progress: UpProgress): void {
  print(`  ${progressLine(progress)}`);
}

function progressLine(progress: UpProgress): string {
  switch (progress.kind) {
    case 'step':
      return progress.text;
    case 'notice':
      return `${colors.yellow('!')} ${progress.text}`;
    case 'log':
      return `${colors.dim(progress.service.padEnd(16))} ${progress.text}`;
  }
}

function printReady(installation: Installation, seconds: number): void {
  const { config, dataDirectory, root } = installation;
  const urls = serviceUrls(installation);
  print(`\n  ${colors.green('Ready')} in ${seconds.toFixed(1)} s\n`);
  for (const line of config.welcome?.(urls) ?? Object.values(urls)) print(`  ${line}`);
  print(`\n  ${colors.dim(`Data and logs are in ${shortest(root, dataDirectory)}. Ctrl-C stops everything.`)}`);
}

// a path that leads out of the directory reads worse than the whole one
function shortest(root: string, directory: string): string {
  const path = relative(root, directory);
  return path.startsWith('..') ? directory : path;
}
