import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../shop/free-ports.ts';
import { root } from '../shop/running-shop.ts';

const execute = promisify(execFile);
const modules = join(root, 'node_modules');
let parent: string;
let directory: string;
let environment: NodeJS.ProcessEnv;

const run = (program: string, ...words: readonly string[]) => execute(program, words, { cwd: directory, env: environment });
const kiroku = (...words: readonly string[]) => run(process.execPath, 'node_modules/@kiroku/cli/bin/kiroku.mjs', ...words);

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kiroku-own-'));
  await chmod(parent, 0o755); // as root, the server runs as another account
  directory = join(parent, 'My Own (App)');
  const [postgres, commands, queries] = await freePorts(3);
  environment = {
    ...process.env,
    POSTGRES_PORT: String(postgres),
    COMMANDS_PORT: String(commands),
    QUERIES_PORT: String(queries),
    NO_COLOR: '1',
  };
  await execute(process.execPath, [join(root, 'scripts/new.mjs'), directory], { cwd: root });
  await install();
});

afterAll(() => rm(parent, { recursive: true, force: true }));

/** As npm would, without asking a registry: what is in the archives, and for the rest what is installed here. */
async function install(): Promise<void> {
  await mkdir(join(directory, 'node_modules/@kiroku'), { recursive: true });
  const { dependencies } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  for (const [name, source] of Object.entries<string>(dependencies).filter(([each]) => each.startsWith('@kiroku/'))) {
    const into = join(directory, 'node_modules', name);
    await mkdir(into);
    await execute('tar', ['-xzf', join(directory, source.replace('file:', '')), '-C', into, '--strip-components=1']);
  }
  const others = (await readdir(modules)).filter((name) => name !== '@kiroku');
  for (const name of others) await symlink(join(modules, name), join(directory, 'node_modules', name));
  await symlink(join(root, 'packages/backup/node_modules'), join(directory, 'node_modules/@kiroku/backup/node_modules'));
}

test('an application outside this repository is compiled, tested, run and operated with the packed packages', async () => {
  await run('node_modules/.bin/tsc');
  await run('node_modules/.bin/tsc', '-p', 'tsconfig.build.json');
  await run('node_modules/.bin/vitest', 'run', 'library.db.test.ts');

  const up = spawn(process.execPath, ['node_modules/@kiroku/cli/bin/kiroku.mjs', 'up'], {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(up, 'exit');
  try {
    let printed = '';
    up.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    await expect.poll(() => up.exitCode !== null || printed.includes('Ready in'), { timeout: 60_000 }).toBe(true);
    expect(up.exitCode).toBeNull();
    const memberId = '0193a1b2-0000-7000-8000-000000000001';
    const joined = await fetch(`http://127.0.0.1:${environment.COMMANDS_PORT}/commands/JoinLibrary`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ memberId, name: 'Hanako', email: 'hanako@example.org', card: 'adult' }),
    });
    expect(await joined.json()).toMatchObject({ outcome: 'accepted', position: 1 });
    // its threads, its SQL and its migrations came with the packages
    expect((await kiroku('projection', 'rebuild', 'desk', '--parallel', '2')).stdout).toContain('build 2: 1 row folded');
    expect((await kiroku('projection', 'verify')).stdout).toContain('1 row at position 1');
  } finally {
    up.kill('SIGINT');
    await ended;
  }
});

test('an application begins with the versions of others that are tested here, and `npm install` completes them', async () => {
  const [lock, ours] = await Promise.all(
    [directory, root].map(async (at) => JSON.parse(await readFile(join(at, 'package-lock.json'), 'utf8'))),
  );
  const { dependencies } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  expect(lock.packages[''].dependencies).toEqual(dependencies);
  for (const name of ['node_modules/vite', 'node_modules/fastify']) expect(lock.packages[name]).toEqual(ours.packages[name]);
  expect(Object.entries<{ link?: boolean }>(lock.packages).filter(([, { link }]) => link)).toEqual([]);
});

test('an application has a name that npm takes, whatever its folder is called', async () => {
  expect(JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))).toMatchObject({ name: 'my-own-app' });
});

test('an application is not put over another, nor where no folder can be: that is said in a line', async () => {
  const make = (script: string, into: string) => execute(process.execPath, [join(root, script), into], { cwd: root });
  await expect(make('scripts/new.mjs', directory)).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') });
  const inTheWay = join(parent, 'file');
  await writeFile(inTheWay, '');
  for (const script of ['scripts/new.mjs', 'scripts/pack.mjs'])
    for (const [into, code] of [
      [inTheWay, 1],
      [join(inTheWay, 'below'), 1],
      ['--help', 2],
    ] as const)
      await expect(make(script, into), `${script} ${into}`).rejects.toMatchObject({ code, stderr: expect.stringMatching(/^[^\n]+\n$/) });
});

test('what could not be packed is not left behind', async () => {
  const into = join(parent, 'full');
  const npm = join(parent, 'npm.js'); // in place of one that finds no room
  await writeFile(
    npm,
    "require('node:fs').writeFileSync(process.argv[process.argv.indexOf('--pack-destination') + 1] + '/kiroku-core-0.1.0.tgz', 'cut'); process.exit(1)",
  );
  const env = { ...process.env, npm_execpath: npm };
  const making = execute(process.execPath, [join(root, 'scripts/new.mjs'), into], { cwd: root, env });
  await expect(making).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('npm pack failed') });
  await expect(readdir(into)).rejects.toMatchObject({ code: 'ENOENT' });
});
