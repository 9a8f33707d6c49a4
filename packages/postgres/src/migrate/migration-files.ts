import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { KirokuError } from '@kiroku/core';
import type { DatabaseName } from './database-name.ts';

/** A migration as it stands in its file. */
export interface Migration {
  /** From 1, without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

const shippedMigrations = fileURLToPath(new URL('../../migrations/', import.meta.url));
const shape = /^(\d{4})_([a-z0-9_]+)\.sql$/;

/** Reads the migrations of a database, in order. Throws `ConfigurationInvalid` for a file name that is not NNNN_name.sql or a gap in the numbers. */
export async function readMigrationFiles(database: DatabaseName, directory = shippedMigrations): Promise<readonly Migration[]> {
  const folder = `${directory}/${database}`;
  const files = (await readdir(folder)).filter((file) => !file.startsWith('.')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const [, number = '', name = ''] = shape.exec(file) ?? [];
      if (Number(number) !== index + 1) {
        throw new KirokuError(
          'ConfigurationInvalid',
          `${folder}/${file} cannot be migration ${index + 1}. Migrations are named NNNN_name.sql and numbered from 0001 without gaps.`,
        );
      }
      const sql = await readFile(`${folder}/${file}`, 'utf8');
      return { number: index + 1, name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}
