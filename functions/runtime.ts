/**
 * The one place where the functions get their broker, and so where Lambda's adapters are chosen.
 *
 * In a Lambda environment the stores are those that the environment's variables name; anywhere else,
 * such as in the local server, whoever hosts the functions provides the broker.
 */
import type { HttpServices } from '../lib/http/app.ts';
import { invariant } from '../lib/model/assert.ts';
import { StratalogError } from '../lib/model/errors.ts';

let provided: HttpServices | undefined;

/**
 * Has the functions of this process use these services.
 * @returns takes them back
 */
export const provideBroker = (services: HttpServices): (() => void) => {
  invariant(provided === undefined, 'one broker per process is provided at a time');
  provided = services;
  return () => {
    if (provided === services) provided = undefined;
  };
};

/** @throws UNKNOWN_SERVER_ERROR when nothing was provided and this build has no stores for Lambda */
export const services = async (): Promise<HttpServices> => {
  if (provided !== undefined) return provided;
  throw new StratalogError(
    'UNKNOWN_SERVER_ERROR',
    'This build has no adapters for DynamoDB and S3, so the function has no store to work on. Run the log locally with `stratalog dev`.',
  );
};
