/** What `main.ts` tells the suites of where they are: it starts them with this in their environment. */

export interface Stage {
  /** What the stack of the app is called here. */
  readonly stack: string;
  /** Whether this is AWS and no emulator of it. */
  readonly isAws: boolean;
}

const VARIABLE = 'STRATALOG_E2E';

export const environmentOf = (stage: Stage): Record<string, string> => ({
  [VARIABLE]: JSON.stringify(stage),
});

/** @throws when the suites were not started by `main.ts` */
export const currentStage = (): Stage => {
  const told = process.env[VARIABLE];
  if (told === undefined) {
    throw new Error('These tests are about a deployed stack: run them by `npm run test:e2e`.');
  }
  return JSON.parse(told) as Stage;
};
