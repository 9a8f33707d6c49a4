// `npm run soak`: the tests that kill processes at random, twenty times as long as in `npm test`.
process.env.KIROKU_SOAK = '1';
process.argv.push('tests/chaos/killed-projections');
await import('./vitest.mjs');
