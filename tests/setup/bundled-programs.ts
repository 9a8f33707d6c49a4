import { bundleForTests } from '../../scripts/bundle.mjs';

/** The programs that the tests start are those of the last build, also without `npm test`. */
export default async function setUp(): Promise<void> {
  await bundleForTests();
}
