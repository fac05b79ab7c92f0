/**
 * What a function in Lambda is told by its environment's variables.
 *
 * The construct `Stratalog` sets all of them. Where somebody changed or lost some, the function says all
 * that is wrong at once, in its log and to whoever asks it.
 */
import * as z from 'zod';
import { StratalogError } from '../../lib/model/errors.ts';
import { topicName } from '../../lib/model/ids.ts';
import { DEFAULT_LAMBDA_FETCH_WAIT_MS, MAX_FETCH_WAIT_MS } from '../../lib/model/limits.ts';

const name = (what: string, legal: RegExp, rule: string) =>
  z
    .string({ error: `is missing: ${what}` })
    .regex(legal, { error: ({ input }) => `is ${JSON.stringify(input)}, not ${what} (${rule})` });

const isTopicName = (text: string): boolean => {
  try {
    topicName(text);
    return true;
  } catch {
    return false;
  }
};

const variables = z.object({
  STRATALOG_TABLE: name(
    'the name of the DynamoDB table',
    /^[\w.-]{3,255}$/,
    '3–255 of a-z A-Z 0-9 _ . -',
  ),
  STRATALOG_BUCKET: name('the name of the S3 bucket', /^[a-z0-9.-]{3,63}$/, '3–63 of a-z 0-9 . -'),
  STRATALOG_LOG: name(
    'what the log is called in metrics and log lines',
    /^[\x20-\x7e]{1,255}$/,
    '1–255 printable ASCII characters',
  ),
  STRATALOG_METRIC_TOPICS: z
    .string()
    .default('')
    .transform((list) => new Set(list.split(',').flatMap((one) => one.trim() || [])))
    .refine((topics) => [...topics].every(isTopicName), {
      error: ({ input }) =>
        `is ${JSON.stringify([...(input as Set<string>)].join(','))}, not names of topics with commas between`,
    }),
  STRATALOG_MAX_FETCH_WAIT_MS: z
    .string()
    .default(String(DEFAULT_LAMBDA_FETCH_WAIT_MS))
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) <= MAX_FETCH_WAIT_MS, {
      error: ({ input }) =>
        `is ${JSON.stringify(input)}, not a whole number from 0 to ${MAX_FETCH_WAIT_MS} (milliseconds)`,
    })
    .transform(Number),
});

/** What was found, named as we name it. */
export interface LambdaSettings {
  readonly table: string;
  readonly bucket: string;
  /** The installation. */
  readonly log: string;
  /** Topics that have metrics of their own. */
  readonly metricTopics: ReadonlySet<string>;
  readonly maxFetchWaitMs: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws UNKNOWN_SERVER_ERROR naming every variable that is missing or malformed, and what sets it */
export const lambdaSettings = (environment: Environment): LambdaSettings => {
  const result = variables.safeParse(environment);
  if (result.success) {
    return {
      table: result.data.STRATALOG_TABLE,
      bucket: result.data.STRATALOG_BUCKET,
      log: result.data.STRATALOG_LOG,
      metricTopics: result.data.STRATALOG_METRIC_TOPICS,
      maxFetchWaitMs: result.data.STRATALOG_MAX_FETCH_WAIT_MS,
    };
  }
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new StratalogError(
    'UNKNOWN_SERVER_ERROR',
    `The environment variables of the function do not say what it works on: ${problems.join('; ')}. The construct Stratalog sets them: deploy its stack again, or correct them in the function's configuration.`,
    { context: { settings: result.error.issues.map(({ path }) => path.join('.')).join(',') } },
  );
};
