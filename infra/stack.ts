/** The stack that holds one installation of Stratalog. */
import { Stack } from 'aws-cdk-lib';

/** One installation: its table, its bucket, its functions and its API come with the AWS adapters. */
export class StratalogStack extends Stack {}
