// `npm run new -- DIRECTORY`: an application of your own, outside this repository. It is the library of docs/examples, to be changed from there.
import { readdirSync, rmSync } from 'node:fs';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fail, makeFolder, toldFolder } from './into-folder.mjs';
import { pack } from './pack.mjs';
import { prepare, root } from './prepare.mjs';

const examples = join(root, 'docs/examples');
/** Of the examples, those that the library is made of. */
const files = [
  'kiroku.config',
  'vitest.config',
  'database-server',
  'command-service',
  'query-service',
  'library',
  'members',
  'reminders',
  'desk',
  'sagas',
  'deposits',
  'pretend-bank',
  'pretend-mail',
  'library.test',
  'library.db.test',
  'sagas.test',
].map((name) => `${name}.ts`);

const directory = toldFolder('npm run new -- ../library');
if (!relative(root, directory).startsWith('..')) fail(`${directory} is in this repository. Choose a folder outside.`, 2);
const made = await makeFolder(directory);
if ((await readdir(directory)).some((name) => name !== '.git')) fail(`${directory} is not empty. Choose another folder.`, 1);
process.once('exit', (code) => {
  if (code === 0) return; // else what is half done is removed, so that it can be tried again
  const left = made === undefined ? readdirSync(directory).filter((name) => name !== '.git') : [made];
  for (const each of left) rmSync(resolve(directory, each), { recursive: true, force: true });
});

await prepare();
const archives = await pack(join(directory, 'kiroku'));
for (const file of files) await copyFile(join(examples, file), join(directory, file));
const asked = await manifest();
await writeJson('package.json', asked);
await writeJson('package-lock.json', await lock(asked));
await writeJson('tsconfig.json', await compilerOptions());
await writeJson('tsconfig.build.json', {
  extends: './tsconfig.json',
  compilerOptions: { noEmit: false, outDir: 'dist' },
  exclude: ['*.test.ts', '*.config.ts', 'database-server.ts', 'dist', 'node_modules'],
});
await writeFile(join(directory, '.gitignore'), 'node_modules/\ndist/\n.kiroku/\n');
console.log(`A small library is in ${directory}. There:

  npm install
  npm test              # its rules and its database
  npm run build
  npx kiroku up         # PostgreSQL, both services; Ctrl-C stops them

docs/guides/build-your-own.md goes through it.`);

async function manifest() {
  const [{ devDependencies: tools }, { dependencies }] = await Promise.all([
    readJson('package.json'),
    readJson('docs/examples/package.json'),
  ]);
  const ours = archives.map((archive) => [archive.replace(/^kiroku-(.*)-\d+\.\d+\.\d+.*\.tgz$/, '@kiroku/$1'), `file:kiroku/${archive}`]);
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith('@kiroku/'));
  return {
    name: packageName(basename(directory)),
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { build: 'tsc -p tsconfig.build.json', test: 'tsc && vitest run', start: 'npm run build && kiroku up' },
    dependencies: Object.fromEntries([...ours, ...others].sort(([a], [b]) => (a < b ? -1 : 1))),
    devDependencies: Object.fromEntries(['@types/node', 'typescript', 'vitest'].map((name) => [name, tools[name]])),
  };
}

/** As npm takes it: https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name */
function packageName(folder) {
  const name = folder.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return name.replaceAll(/^[._-]+|-+$/g, '') || 'application';
}

/** Of packages of others, the versions that are tested here. What has come out since may want another Node, or something that is not to be had. `npm install` completes it. */
async function lock(asked) {
  const { lockfileVersion, packages } = await readJson('package-lock.json');
  const others = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  const { name, version, dependencies, devDependencies } = asked;
  return {
    name,
    version,
    lockfileVersion,
    requires: true,
    packages: { '': { name, version, dependencies, devDependencies }, ...Object.fromEntries(others) },
  };
}

async function compilerOptions() {
  const { compilerOptions: shared } = await readJson('tsconfig.base.json');
  const ofPackages = ['composite', 'declaration', 'declarationMap', 'allowImportingTsExtensions'];
  const kept = Object.entries(shared).filter(([name]) => !ofPackages.includes(name));
  return { compilerOptions: { ...Object.fromEntries(kept), noEmit: true }, include: ['*.ts'] };
}

async function readJson(file) {
  return JSON.parse(await readFile(join(root, file), 'utf8'));
}

function writeJson(file, value) {
  return writeFile(join(directory, file), `${JSON.stringify(value, null, 2)}\n`);
}
