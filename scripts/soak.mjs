// `npm run soak`: the tests that kill processes at random, for as long as `npm test` cannot afford: 500 kills of projections, and beside them
// twelve minutes (KIROKU_SOAK_MINUTES) of orders. Some twenty minutes. `npm run soak -- tests/chaos/killed-processes` runs one of them.
process.env.KIROKU_SOAK = '1';
if (process.argv.length === 2) process.argv.push('tests/chaos/killed-projections', 'tests/chaos/killed-processes');
await import('./vitest.mjs');
