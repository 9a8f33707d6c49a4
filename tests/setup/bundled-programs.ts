import { bundle } from '../../scripts/bundle.mjs';

/** The programs that the tests start are those of the last build, also without `npm test`, which sees to that. */
export default async function setUp(): Promise<void> {
  await bundle();
}
