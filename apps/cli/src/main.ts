import { run } from './run.ts';

// The reader is gone (`kiroku events tail | head`, a closed terminal): what is under way ends in order, as when the terminal hangs up.
let gone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (gone) return;
  gone = true;
  if (error.code !== 'EPIPE') process.exitCode = 1; // such as a full disk
  if (!process.emit('SIGHUP', 'SIGHUP')) process.exit(); // nothing is under way
});
process.stderr.on('error', () => undefined); // as above; nobody is left to be told

process.exitCode = await run(process.argv);
