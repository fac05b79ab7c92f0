/** The endpoints that the SDK takes from the environment. */
export const namedEndpoints = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): { readonly dynamodb?: string; readonly s3?: string } => {
  const { AWS_ENDPOINT_URL: any } = environment;
  const dynamodb = environment.AWS_ENDPOINT_URL_DYNAMODB ?? any;
  const s3 = environment.AWS_ENDPOINT_URL_S3 ?? any;
  return {
    ...(dynamodb === undefined ? {} : { dynamodb }),
    ...(s3 === undefined ? {} : { s3 }),
  };
};
