import { parentPort } from 'node:worker_threads';
import { codeOf } from './durable-file.ts';
import type { FromKeyThread, ToKeyThread } from './key-files.ts';
import { readOrCreateAll } from './read-or-create.ts';

// The program of the thread in which `KeyFiles` creates files. What has been asked for at once is done together, and nothing waits for what came before:
// the file system makes it durable together.

let asked: ToKeyThread[] = [];

parentPort?.on('message', (file: ToKeyThread) => {
  asked.push(file);
  if (asked.length === 1) setImmediate(() => void answerAll());
});

async function answerAll(): Promise<void> {
  const files = asked;
  asked = [];
  for (const [index, outcome] of (await readOrCreateAll(files)).entries()) {
    const { number = 0 } = files[index] ?? {};
    const answer: FromKeyThread =
      'fault' in outcome ? { number, fault: { code: codeOf(outcome.fault), message: String(outcome.fault) } } : { number, ...outcome };
    parentPort?.postMessage(answer);
  }
}
