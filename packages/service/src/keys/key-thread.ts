import { parentPort } from 'node:worker_threads';
import { codeOf } from './durable-file.ts';
import type { FromKeyThread, ToKeyThread } from './key-files.ts';
import { readOrCreate } from './read-or-create.ts';

// The program of the thread in which `KeyFiles` creates files.

async function answered({ number, file, content }: ToKeyThread): Promise<void> {
  try {
    tell({ number, there: await readOrCreate(file, content) });
  } catch (error) {
    tell({ number, fault: { code: codeOf(error), message: String(error) } });
  }
}

function tell(answer: FromKeyThread): void {
  parentPort?.postMessage(answer);
}

parentPort?.on('message', (asked: ToKeyThread) => void answered(asked));
