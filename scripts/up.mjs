import { prepare } from './prepare.mjs';

// in this process, so that there is one supervisor and Ctrl-C reaches it
console.log('\n  Kiroku\n');
await prepare((text) => console.log(`  ${text}`));
const { run } = await import('../apps/cli/bundle/run.js');
process.exitCode = await run([process.argv[0], 'kiroku', 'up', ...process.argv.slice(2)]);
