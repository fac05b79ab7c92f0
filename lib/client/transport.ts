/** One HTTP exchange with the service, by the platform's `fetch`; failures come back as StratalogError. */
import { StratalogError } from '../model/errors.ts';
import { asObject, errorOfProblem, errorOfStatus, errorOfTransport } from './failures.ts';

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the endpoint on, encoded. */
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** Whether the service changes anything by it; default: all but GET. */
  readonly changes?: boolean;
}

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export type Transport = (exchange: Exchange) => Promise<Answer>;

/** @throws INVALID_CONFIG when `endpoint` is no http(s) URL */
export const httpTransport = (endpoint: string): Transport => {
  const base = endpoint.replace(/\/+$/, '');
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new StratalogError(
      'INVALID_CONFIG',
      `The endpoint ${JSON.stringify(endpoint)} is not a URL such as http://127.0.0.1:8080.`,
      { context: { endpoint } },
    );
  }
  return async ({
    method,
    path,
    body,
    contentType,
    accept,
    signal,
    changes = method !== 'GET',
  }) => {
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...(accept === undefined ? {} : { accept }),
        },
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> | string }),
        ...(signal === undefined ? {} : { signal }),
      });
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body: new Uint8Array(await response.arrayBuffer()),
      };
    } catch (cause) {
      throw errorOfTransport(cause, base, changes);
    }
  };
};

const text = (answer: Answer): string => Buffer.from(answer.body).toString('utf8');

/** The JSON in an answer, whatever its status; undefined when it is none. */
export const jsonOf = (answer: Answer): unknown => {
  try {
    return JSON.parse(text(answer));
  } catch {
    return undefined;
  }
};

/** The error that an answer of status 400 and above tells of. */
export const errorOf = (answer: Answer): StratalogError => {
  const problem = asObject(jsonOf(answer));
  return problem !== undefined && 'code' in problem
    ? errorOfProblem(problem)
    : errorOfStatus(answer.status, text(answer));
};

/** The JSON of a good answer. @throws the error that a bad one tells of */
export const expectJson = <T>(answer: Answer): T => {
  if (answer.status >= 400) throw errorOf(answer);
  return jsonOf(answer) as T;
};
