// `npm run pack -- DIRECTORY`: the packages as they are here, as archives that npm installs elsewhere.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, toldFolder } from './into-folder.mjs';
import { npm, prepare, root } from './prepare.mjs';

/** What an application needs, directly or not. */
const folders = (await readdir(join(root, 'packages'))).map((name) => `packages/${name}`).concat('apps/cli');

/** Packs all packages into a directory and returns the archives' names, in place of those that are there. */
export async function pack(directory) {
  await makeFolder(directory);
  for (const name of await archivesIn(directory)) await rm(join(directory, name));
  await npm(['pack', ...folders.flatMap((folder) => ['-w', folder]), '--pack-destination', directory, '--loglevel=error']);
  return archivesIn(directory);
}

async function archivesIn(directory) {
  return (await readdir(directory)).filter((name) => /^kiroku-.*\.tgz$/.test(name)).sort();
}

if (import.meta.filename === process.argv[1]) {
  const directory = toldFolder('npm run pack -- ../my-app/kiroku');
  await makeFolder(directory);
  await prepare();
  const archives = await pack(directory);
  console.log(
    `${archives.length} packages are in ${directory}. In the application's folder: npm install ${/[^\w/.-]/.test(directory) ? `'${directory}'` : directory}/*.tgz`,
  );
}
