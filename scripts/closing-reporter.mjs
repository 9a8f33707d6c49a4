/** Ends the output of vitest with one line that other programs can read: `104 passed, 0 failed, 2 skipped`. */
export default class ClosingReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      for (const state of states) count[state === 'pending' ? 'skipped' : state] += 1;
      // a file that could not be loaded, or whose hooks failed, has no failed test to count
      if (module.state() === 'failed' && !states.includes('failed')) count.failed += 1;
    }
    this.closing = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
    process.once('exit', () => console.log(this.closing)); // after everything else, coverage too
  }
}
