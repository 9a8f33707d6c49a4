// Makes one file of each program, from what tsc has built and the libraries it needs: docs/decisions/0024-programs-are-bundled.md.
import { mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeSuperseded } from './superseded-parts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each: the folder it is bundled from, its entries there, and where to. `shared`: what is the same as of `kiroku.config.ts`, and left to Node to find. */
const programs = [
  { from: 'apps/cli/dist', entries: ['main.js', 'run.js'], into: 'apps/cli/bundle', shared: /^(?:@kiroku\/core|zod|jiti)(?:\/|$)/ },
  // a thread loads an application, which has these of its own
  {
    from: 'packages/operations/dist/projection-rebuild',
    entries: ['fold-thread.js'],
    into: 'packages/operations/bundle',
    shared: /^(?:@kiroku\/core|zod)(?:\/|$)/,
  },
  ...['payment-simulator', 'command-service', 'query-service', 'client-service'].map((name) => ({
    from: `apps/${name}/dist`,
    entries: ['main.js'],
    into: `apps/${name}/bundle`,
  })),
];
/** They are killed and started again some hundred times. */
const killed = {
  from: 'tests/chaos',
  entries: ['delivery', 'job', 'projection', 'rebuild', 'writer'].map((name) => `${name}-process.mjs`),
  into: 'tests/chaos/bundle',
};

/** Libraries that have files of their own, or are large and seldom needed: Node finds them. */
const withFiles = /^(?:@mongodb-js\/zstd|@aws-sdk\/|altair-)/;
const ours = /\/(?:packages|apps|domains)\/[^/]+\/dist\//;
const absent = /^(?:pg-native|bufferutil|utf-8-validate)$/; // optional, and not used

/** Bundles the programs that have changed since. */
export async function bundle() {
  await bundleAll(programs);
}

/** The same, and what else tests start. */
export async function bundleForTests() {
  await bundleAll([...programs, killed]);
}

async function bundleAll(all) {
  const stale = await Promise.all(all.map(isStale));
  if (!stale.includes(true)) return;
  const { rolldown } = await import('rolldown');
  await Promise.all(all.filter((_, index) => stale[index]).map((program) => bundleProgram(rolldown, program)));
}

async function isStale({ from, entries, into }) {
  const written = (await readdir(join(root, from))).filter((name) => name.endsWith('.mjs')); // what tsc has built is told by its own files
  const [last, sources, bundled] = await Promise.all([
    lastBuild(),
    newest(written.map((name) => join(root, from, name))),
    Promise.all(entries.map((entry) => changedAt(join(root, into, bundledName(entry))))),
  ]);
  return Math.min(...bundled) <= Math.max(last, sources);
}

const bundledName = (entry) => entry.replace(/\.m?js$/, '.js');

async function bundleProgram(rolldown, { from, entries, into: folder, shared }) {
  const begunAt = new Date();
  const into = join(root, folder);
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [bundledName(entry).slice(0, -3), join(root, from, entry)])),
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
  await write(into, output, begunAt);
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
async function write(into, output, begunAt) {
  await mkdir(into, { recursive: true });
  const last = await newest(output.filter(({ isEntry }) => isEntry).map(({ fileName }) => join(into, fileName)));
  const files = output.toSorted((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false));
  for (const { fileName, type, ...file } of files) {
    const unfinished = join(into, `.${fileName}-${process.pid}`);
    await writeFile(unfinished, type === 'chunk' ? file.code : file.source);
    await utimes(unfinished, begunAt, begunAt); // what is built meanwhile is not in it
    await rename(unfinished, join(into, fileName));
  }
  const names = new Set(output.map(({ fileName }) => fileName));
  await removeSuperseded(into, { names, last, begunAt: begunAt.getTime() });
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
  return newest(files);
}

async function newest(files) {
  return Math.max(0, ...(await Promise.all(files.map(changedAt))));
}

/** 0: it is not there. */
async function changedAt(file) {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
