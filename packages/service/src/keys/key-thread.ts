import { parentPort } from 'node:worker_threads';
import { codeOf } from './durable-file.ts';
import type { FromKeyThread, ToKeyThread } from './key-files.ts';
import { readOrCreateAll } from './read-or-create.ts';

// The program of the thread in which `KeyFiles` creates files. What has been asked for while it waited for the disk is done together.

let asked: ToKeyThread[] = [];

parentPort?.on('message', (file: ToKeyThread) => {
  asked.push(file);
  if (asked.length === 1) setImmediate(answerAll);
});

function answerAll(): void {
  const files = asked;
  asked = [];
  for (const [index, outcome] of readOrCreateAll(files).entries()) {
    const { number = 0 } = files[index] ?? {};
    const answer: FromKeyThread =
      'fault' in outcome ? { number, fault: { code: codeOf(outcome.fault), message: String(outcome.fault) } } : { number, ...outcome };
    parentPort?.postMessage(answer);
  }
}
