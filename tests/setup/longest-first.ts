import { BaseSequencer, type TestSpecification } from 'vitest/node';

const projects = ['processes', 'database', 'pure'];

/** The tests that take long begin first: at the end, none is left that everything waits for. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification) => projects.indexOf(project.name);
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
