// Runs command lines of `kiroku` one after the other, as its parent sends them: loading the code anew for each took four times as long.
import { run } from '../../apps/cli/bundle/run.js';

const said = { stdout: '', stderr: '' };
for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
  process[name].write = (chunk, encoding, done) => {
    said[name] += String(chunk);
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
}

async function runLine({ args, environment }) {
  Object.assign(said, { stdout: '', stderr: '' });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.exitCode = undefined;
  const code = await run(['node', 'kiroku', ...args]);
  process.send({ code, ...said });
}

process.on('message', (line) => void runLine(line));
process.on('disconnect', () => process.exit());
