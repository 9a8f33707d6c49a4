/**
 * Ends the output of vitest with one line that other programs can read: `104 passed, 0 failed, 2 skipped`, after the names of what was
 * skipped. Under KIROKU_REQUIRE_TOOLS=1, as in CI, a skipped test fails the run, unless its name ends with what no installation can mend:
 * that something is `not permitted here`.
 */
export default class ClosingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') count[state] += 1;
        else skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
      }
      // a file that could not be loaded, or whose hooks failed, has no failed test to count
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) count.failed += 1;
    }
    count.skipped = skipped.length;
    const refused = skipped.some((name) => !name.endsWith('not permitted here)')) && process.env.KIROKU_REQUIRE_TOOLS === '1';
    process.once('exit', () => {
      if (refused) process.exitCode = 1;
      for (const name of skipped.slice(0, 20)) console.log(`skipped: ${name}`);
      if (refused) console.log('KIROKU_REQUIRE_TOOLS=1: nothing may be skipped here. Install what these tests need.');
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`); // after everything else, coverage too
    });
  }
}
