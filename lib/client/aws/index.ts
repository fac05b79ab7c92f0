/** What users import as `stratalog/aws`: ways to a deployed service, in Node. */
export type { AwsOptions, Credentials } from './credentials.ts';
export { type Functions, type InvokingOptions, invoking, type Way } from './invoking.ts';
export { type SigningOptions, signedFetch } from './signed-fetch.ts';
export { type DeployedLog, deployedLog, fromStack, type StackOptions } from './stack.ts';
