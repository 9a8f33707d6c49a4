import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgram } from './program.ts';
import { run } from './run.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  const keep = (text: string | Uint8Array) => {
    printed += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => vi.restoreAllMocks());

const kiroku = (...args: string[]) => run(['node', 'kiroku', ...args]);

test('help is no error', async () => {
  expect(await kiroku('--help')).toBe(0);
  expect(printed).toContain('events');
});

test('an unknown command is a usage error, with the one that was probably meant', async () => {
  expect(await kiroku('statsu')).toBe(2);
  expect(printed).toContain('Did you mean status?');
});

test.each([
  ['audit', 'verfiy', 'Did you mean verify?'],
  ['migrate', 'staus', 'Did you mean status?'],
  ['restore', 'drll', 'Did you mean drill?'],
  ['replay', 'lst', 'Did you mean list?'],
  ['audit', 'everything', 'There are: list, verify, head.'],
])(
  'a misspelt verb after %s, which does something without one, is a usage error with the one that was probably meant',
  async (...words) => {
    expect(await kiroku(...words.slice(0, 2))).toBe(2);
    expect(printed).toContain(words[2]);
  },
);

test.each([
  [['audit', 'verfiy'], 'error: `kiroku audit` has no verb "verfiy". Did you mean verify?\n(`kiroku audit --help` says how)\n'],
  [['replay', 'lst'], 'error: `kiroku replay` has no verb "lst". Did you mean list?\n(`kiroku replay --help` says how)\n'],
  [['migrate', 'staus'], 'error: `kiroku migrate` has no verb "staus". Did you mean status?\n(`kiroku migrate --help` says how)\n'],
  [['projection', 'lst'], "error: unknown command 'lst'\n(Did you mean list?)\n(`kiroku projection --help` says how)\n"],
])('what is wrong with %j is said once, and not beside what the parser took it for', async (words, told) => {
  expect(await kiroku(...words)).toBe(2);
  expect(printed).toBe(told);
});

test.each([
  [['db', 'maintain'], 'run it where they can be reached'],
  [['migrate'], 'DATABASE_URL'],
  [['logs'], 'run it on their machine'],
])('%j, which is for where the databases and files are, says so when it is asked for --remote', async (words, told) => {
  expect(await kiroku(...words, '--remote', 'http://127.0.0.1:4000')).toBe(2);
  expect(printed).toContain(told);
  expect(printed).not.toContain('unknown option');
});

test('an error in the use of a verb leads to the help of that verb', async () => {
  expect(await kiroku('events', 'show')).toBe(2);
  expect(printed).toContain('(`kiroku events show --help` says how)');
});

test('an option that is no number is a usage error', async () => {
  expect(await kiroku('events', 'tail', '--limit', 'many')).toBe(2);
  expect(printed).toContain('whole number');
});

test('an argument that the verb itself refuses is a usage error that says why', async () => {
  expect(await kiroku('saga', 'close', 'any')).toBe(2);
  expect(printed).toContain('needs a --reason');
});

test('a configuration that cannot be loaded is one line', async () => {
  expect(await kiroku('--config', '/nowhere/kiroku.config.ts', 'status')).toBe(1);
  expect(printed.trim().split('\n')).toHaveLength(1);
});

test('an error ends with its code, as over HTTP', async () => {
  expect(await kiroku('--config', '/nowhere/kiroku.config.ts', 'status')).toBe(1);
  expect(printed).toMatch(/ \(ConfigurationInvalid\)\n$/);
});

test('says its version', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(await kiroku('--version')).toBe(0);
  expect(printed).toBe(`${version}\n`);
});

test('help of a verb shows what is under it, asked for either way', async () => {
  expect(await kiroku('help', 'saga')).toBe(0);
  const [asked] = [printed];
  printed = '';
  expect(await kiroku('--reason', 'any', 'saga', '--help')).toBe(0);
  expect(printed).toBe(asked);
  expect(printed).toContain('compensate');
});

test('the list of verbs is the same, whether they are loaded or not', async () => {
  const [named, loaded] = await Promise.all([createProgram([]), createProgram()]);
  expect(named.commands.map(({ options }) => options.length > 0)).not.toContain(true);
  expect(loaded.helpInformation()).toBe(named.helpInformation());
});

test('a verb has its own --version', async () => {
  const program = await createProgram(['projection', 'retire', '--version', '3']);
  expect(program.options.map(({ long }) => long)).not.toContain('--version');
});
