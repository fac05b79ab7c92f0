/**
 * What Lambda says of an Invoke that brought no answer of ours, as the one error type.
 *
 *   thrown by the SDK     Lambda refused it (nothing happened), or failed on the way (nobody knows)
 *   FunctionError         the function ended without an answer: it may have done what was asked
 */
import { type ErrorCode, StratalogError } from '../../model/errors.ts';

/** As far as we read the SDK's exceptions. */
interface ServiceException {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const TOO_LARGE = { code: 'MESSAGE_TOO_LARGE', advice: 'Send fewer records at a time.' } as const;

/** Lambda's own refusals, by the exception's name. */
const REFUSALS: Readonly<Record<string, { readonly code: ErrorCode; readonly advice: string }>> = {
  TooManyRequestsException: {
    code: 'THROTTLING_QUOTA_EXCEEDED',
    advice:
      'Raise its reserved concurrency or that of the account, or send fewer requests at a time.',
  },
  ResourceNotFoundException: {
    code: 'INVALID_CONFIG',
    advice: 'Check name, region and account: --stack looks the names up.',
  },
  AccessDeniedException: {
    code: 'CLUSTER_AUTHORIZATION_FAILED',
    advice: 'The caller needs lambda:InvokeFunction on it.',
  },
  // In a network a function that nobody called for weeks loses its interfaces; a call has them made again.
  ResourceConflictException: {
    code: 'CONNECTION_FAILED',
    advice: 'Lambda makes it ready: try again in a minute.',
  },
  RequestTooLargeException: TOO_LARGE,
  // Of what all services of AWS have in front.
  RequestEntityTooLargeException: TOO_LARGE,
  UnrecognizedClientException: {
    code: 'SASL_AUTHENTICATION_FAILED',
    advice: 'Renew the credentials (`aws sso login`), or give others (--profile, AWS_PROFILE).',
  },
  ExpiredTokenException: {
    code: 'SASL_AUTHENTICATION_FAILED',
    advice: 'Renew the credentials (`aws sso login`), or give others (--profile, AWS_PROFILE).',
  },
  InvalidSignatureException: {
    code: 'SASL_AUTHENTICATION_FAILED',
    advice: 'Check the secret key and the clock of this machine.',
  },
};

const isServiceException = (cause: unknown): cause is ServiceException =>
  cause instanceof Error &&
  typeof (cause as Partial<ServiceException>).$metadata?.httpStatusCode === 'number';

/** What the SDK threw; what did not come from Lambda itself (a broken connection) is given back as it is. */
export const errorOfInvoke = (cause: unknown, functionName: string, region: string): unknown => {
  if (!isServiceException(cause)) return cause;
  const { name, message, $metadata } = cause;
  const status = $metadata?.httpStatusCode ?? 0;
  const refusal = REFUSALS[name];
  const isRefusal = status < 500;
  return new StratalogError(
    refusal?.code ?? (isRefusal ? 'INVALID_REQUEST' : 'CONNECTION_FAILED'),
    `Lambda did not run the function ${functionName} in ${region}: ${message.replace(/\.?\s*$/, '.')} ${refusal?.advice ?? `(${name})`}`,
    {
      context: { function: functionName, region, status, exception: name },
      effect: isRefusal ? 'none' : 'unknown',
      cause,
    },
  );
};

/** Of `errorType` and `errorMessage` that the runtime tells. */
const TIMED_OUT = /timed out/i;
const ANSWER_TOO_LARGE = /ResponseSizeTooLarge|response payload size/i;

/** What became of a function that ended without an answer. @param told the payload beside FunctionError */
export const errorOfFunction = (told: unknown, functionName: string): StratalogError => {
  const { errorType, errorMessage } = Object(told) as Readonly<Record<string, unknown>>;
  const said = `${errorType ?? 'Error'}: ${errorMessage ?? 'it said nothing'}`.slice(0, 300);
  const code: ErrorCode = TIMED_OUT.test(said)
    ? 'REQUEST_TIMED_OUT'
    : ANSWER_TOO_LARGE.test(said)
      ? 'RECORD_LIST_TOO_LARGE'
      : 'CONNECTION_FAILED';
  return new StratalogError(
    code,
    `The function ${functionName} ended without an answer (${said}); its log tells more.`,
    { context: { function: functionName }, effect: 'unknown' },
  );
};
