/** Options that commands share, and how option values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createClient, type StratalogClient } from '../client/client.ts';
import { StratalogError } from '../model/errors.ts';

const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080';

/** What every command that talks to a service takes. */
export interface CommonOptions {
  readonly endpoint: string;
  readonly json: boolean;
}

/** Adds `--endpoint` and `--json`. */
export const withCommonOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--endpoint <url>', 'where the service is')
        .env('STRATALOG_ENDPOINT')
        .default(DEFAULT_ENDPOINT),
    )
    .option('--json', 'print JSON, for programs', false);

export const clientFor = ({ endpoint }: CommonOptions): StratalogClient =>
  createClient({ endpoint });

/** Reads a whole number; `what` and the bounds go into the message. */
export const wholeNumber =
  (from: number, to: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || value < from || value > to) {
      const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };

/** Takes any text but none: an empty one is a variable that the caller's shell did not have. */
export const notEmpty = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
};

/** Reads what an environment variable says of a switch: absent, empty, 0 or false is no. @throws INVALID_CONFIG */
export const switchFromEnvironment = (name: string): boolean => {
  const text = (process.env[name] ?? '').toLowerCase();
  if (['', '0', 'false'].includes(text)) return false;
  if (['1', 'true'].includes(text)) return true;
  throw new StratalogError(
    'INVALID_CONFIG',
    `${name} is ${JSON.stringify(process.env[name])}; it must be 1 or true, 0 or false.`,
  );
};

/** Collects `--config name=value`, which may come several times. */
export const collectConfig = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1)
    throw new InvalidArgumentError('It must be name=value, such as max.message.bytes=65536.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};
