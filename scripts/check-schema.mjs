// Migrates three empty databases and compares what is in them with the committed description; `--write` brings that up to date.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres, migrate } from '@kiroku/postgres';
import pg from 'pg';

const databases = ['event_store', 'command_db', 'query_db'];
const query = readFileSync('scripts/describe-schema.sql', 'utf8');

const descriptions = await withServer(async (urlOf) => {
  const found = {};
  for (const database of databases) {
    await execute(urlOf('postgres'), `create database ${database}`);
    await migrate({ database, url: urlOf(database) });
    const rows = await execute(urlOf(database), query, ['kiroku']);
    found[database] =
      `-- What ${database} holds after all migrations. Made by scripts/check-schema.mjs --write.\n${rows.map(({ text }) => text).join('\n')}\n`;
  }
  return found;
});

const changed = databases.filter((database) => !isCurrent(database, descriptions[database]));
if (process.argv.includes('--write')) {
  for (const database of changed) writeFileSync(fileOf(database), descriptions[database]);
} else if (changed.length > 0) {
  process.stderr.write(
    `The migrations lead to another schema than ${changed.map(fileOf).join(', ')} says. Run: node scripts/check-schema.mjs --write, and look at the diff.\n`,
  );
  process.exit(1);
}

function fileOf(database) {
  return `packages/postgres/schema/${database}.txt`;
}

function isCurrent(database, description) {
  try {
    return readFileSync(fileOf(database), 'utf8') === description;
  } catch {
    return false;
  }
}
