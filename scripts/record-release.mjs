// `node scripts/record-release.mjs DATA_DIR OUT`: records what a running installation has stored, for tests/upgrade. Run once for each release,
// with its code, over an installation that has done a little of everything: no table may be empty.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';

const [dataDirectory, out] = process.argv.slice(2);
if (dataDirectory === undefined || out === undefined) throw new Error('Usage: node scripts/record-release.mjs DATA_DIR OUT');

const { superuser } = JSON.parse(await readFile(join(dataDirectory, 'credentials.json'), 'utf8'));
const { postgres } = JSON.parse(await readFile(join(dataDirectory, 'supervisor.json'), 'utf8'));
const query = await readFile(new URL('describe-tables.sql', import.meta.url), 'utf8');
await mkdir(out, { recursive: true });
for (const database of ['event_store', 'command_db', 'query_db']) await write(database, await linesOf(database));
await write('files', [...(await filesIn('keys')), ...(await filesIn('payment-simulator'))]);

/** For each table a line that describes it, and one for each of its rows: values as text, in the order of its columns. */
async function linesOf(database) {
  const client = new pg.Client({ host: '127.0.0.1', port: postgres.port, user: 'postgres', password: superuser, database });
  await client.connect();
  await client.query('begin isolation level repeatable read, read only');
  const lines = [];
  for (const table of (await client.query(query)).rows) {
    lines.push(table);
    if (table.partition) continue; // its rows are those of the whole
    const columns = table.columns.map((column) => `${client.escapeIdentifier(column)}::text`);
    const order = columns.map((_, index) => index + 1);
    lines.push(...(await client.query({ text: `select ${columns} from ${table.name} order by ${order}`, rowMode: 'array' })).rows);
  }
  await client.end();
  return lines;
}

/** A line for each file: its path in the data directory, and its text. */
async function filesIn(folder) {
  const files = (await readdir(join(dataDirectory, folder), { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Promise.all(paths.map(async (path) => [relative(dataDirectory, path), await readFile(path, 'utf8')]));
}

async function write(name, lines) {
  await writeFile(join(out, `${name}.jsonl.gz`), gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { level: 9 }));
}
