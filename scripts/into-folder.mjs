import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';

/** The folder that is named on the command line, from where `npm run` was called. Ends the process if there is none. */
export function toldFolder(usage) {
  const [into] = process.argv.slice(2);
  if (into === undefined || into.startsWith('-')) fail(`Say where to: ${usage}`, 2);
  return resolve(process.env.INIT_CWD ?? '.', into);
}

/** Returns the first folder that was not there, if any. Ends the process if it cannot be made. */
export async function makeFolder(directory) {
  try {
    return await mkdir(directory, { recursive: true });
  } catch ({ code }) {
    return fail(`${directory} cannot be made (${code}). Choose another folder.`, 1);
  }
}

export function fail(message, code) {
  console.error(message);
  process.exit(code);
}
