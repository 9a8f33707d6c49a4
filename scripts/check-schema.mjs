// Migrates three empty databases and compares what is in them with the committed description; `--write` brings that up to date.
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres, migrate } from '@kiroku/postgres';
import pg from 'pg';

const databases = ['event_store', 'command_db', 'query_db'];
const query = await readFile('scripts/describe-schema.sql', 'utf8');

const directory = await mkdtemp(join(tmpdir(), 'kiroku-schema-'));
await chmod(directory, 0o755); // as root, the server runs as another account
const server = new EmbeddedPostgres({
  directory: join(directory, 'postgres'),
  port: await freePort(),
  superuserPassword: randomBytes(16).toString('hex'),
  durable: false,
});
await server.start();
try {
  const changed = [];
  for (const database of databases) {
    const description = await describe(database);
    if ((await committed(database)) === description) continue;
    changed.push(fileOf(database));
    if (process.argv.includes('--write')) await writeFile(fileOf(database), description);
  }
  if (changed.length > 0 && !process.argv.includes('--write')) {
    console.error(
      `The migrations lead to another schema than ${changed.join(', ')} says. Run: node scripts/check-schema.mjs --write, and look at the diff.`,
    );
    process.exitCode = 1;
  }
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

async function describe(database) {
  await execute(server.url, `create database ${database}`);
  const url = Object.assign(new URL(server.url), { pathname: `/${database}` }).href;
  await migrate({ database, url });
  const rows = await execute(url, query, ['kiroku']);
  return `-- What ${database} holds after all migrations. Made by scripts/check-schema.mjs --write.\n${rows.map(({ text }) => text).join('\n')}\n`;
}

async function execute(url, text, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

function fileOf(database) {
  return `packages/postgres/schema/${database}.txt`;
}

function committed(database) {
  return readFile(fileOf(database), 'utf8').catch(() => undefined);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
