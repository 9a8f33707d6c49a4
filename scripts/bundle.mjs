// Makes one file of each program, from what tsc has built and the libraries it needs: docs/decisions/0024-programs-are-bundled.md.
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dayMs = 86_400_000;

/** What is left to Node to find, because it comes with files of its own, beside those that a program shares with `kiroku.config.ts`. */
const programs = {
  cli: { entries: ['main', 'run'], shared: /^(?:@kiroku\/core|zod|jiti)(?:\/|$)/ },
  'payment-simulator': { entries: ['main'] },
  'command-service': { entries: ['main'] },
  'query-service': { entries: ['main'] },
  'client-service': { entries: ['main'] },
};
const withFiles = /^(?:@mongodb-js\/zstd|@aws-sdk\/|altair-)/;
const ours = /\/(?:packages|apps|domains)\/[^/]+\/dist\//;
const absent = /^(?:pg-native|bufferutil|utf-8-validate)$/; // optional, and not used

/** Bundles the programs that have changed since. */
export async function bundle() {
  const built = await lastBuild();
  const stale = await Promise.all(Object.keys(programs).map(async (name) => (await changedAt(entryOf(name))) <= built));
  const names = Object.keys(programs).filter((_, index) => stale[index]);
  if (names.length === 0) return;
  const { rolldown } = await import('rolldown');
  await Promise.all(names.map((name) => bundleProgram(rolldown, name)));
}

const entryOf = (name) => join(root, 'apps', name, 'bundle/main.js');

async function bundleProgram(rolldown, name) {
  const { entries, shared } = programs[name];
  const into = join(root, 'apps', name, 'bundle');
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, join(root, 'apps', name, 'dist', `${entry}.js`)])),
    platform: 'node',
    treeshake: { moduleSideEffects: [{ test: ours, sideEffects: false }] }, // what a verb does not use of a package is not loaded with it
    external: [absent, ...(shared ? [shared] : [])],
    plugins: [{ name: 'kiroku', resolveId: { filter: { id: [withFiles, /^graphql$/] }, handler: resolve }, transform: ownUrl(into) }],
    logLevel: 'warn',
  });
  const { output } = await build.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
  });
  await build.close();
  await write(into, output);
}

function resolve(id, importer) {
  const file = createRequire(importer ?? root).resolve(id);
  // as CommonJS for all: its two kinds refuse each other's schemas
  return id === 'graphql' ? file : { id: file, external: 'relative' };
}

/** Files beside our code (statements, migrations, threads) are looked for from where it was. */
const ownUrl = (into) => ({
  filter: { id: ours, code: 'import.meta.url' },
  handler: (code, id) => ({
    code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(relative(into, id))}, import.meta.url).href`),
    map: null, // lines stay
  }),
});

/** What runs meanwhile finds the parts it has not loaded yet; entries change last, and at once. */
async function write(into, output) {
  await mkdir(into, { recursive: true });
  const files = output.toSorted((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false));
  for (const { fileName, type, ...file } of files) {
    const unfinished = join(into, `.${fileName}-${process.pid}`);
    await writeFile(unfinished, type === 'chunk' ? file.code : file.source);
    await rename(unfinished, join(into, fileName));
  }
  const names = new Set(output.map(({ fileName }) => fileName));
  for (const name of await readdir(into)) {
    const file = join(into, name);
    if (!names.has(name) && (await changedAt(file)) < Date.now() - dayMs) await rm(file, { force: true });
  }
}

async function lastBuild() {
  const folders = await Promise.all(
    ['packages', 'domains', 'apps'].map(async (of) => (await readdir(join(root, of))).map((name) => join(root, of, name))),
  );
  const files = [
    ...folders.flat().map((folder) => join(folder, 'dist/.tsbuildinfo')),
    join(root, 'package-lock.json'),
    fileURLToPath(import.meta.url),
  ];
  return Math.max(...(await Promise.all(files.map(changedAt))));
}

/** 0: it is not there. */
async function changedAt(file) {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
