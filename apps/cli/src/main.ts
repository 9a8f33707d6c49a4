import { run } from './run.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // the reader has seen enough: `kiroku events tail | head`
});

process.exitCode = await run(process.argv);
