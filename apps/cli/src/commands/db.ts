import type { Command } from 'commander';
import { addDbMaintain } from './db-maintain.ts';

export function addDb(program: Command): void {
  const db = program.command('db');
  addDbMaintain(db);
}
