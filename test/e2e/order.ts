/**
 * The files of the deployed stack's suite in the order of their names, one after the other: the first deploys,
 * the last destroys, and what each finds is what those before it left.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => (one.moduleId < other.moduleId ? -1 : 1));
  }
}
