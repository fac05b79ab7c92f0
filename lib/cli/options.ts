/** Options that commands share, and how option values are read. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Admin, createAdmin } from '../client/admin.ts';
import { StratalogError } from '../model/errors.ts';
import type { RecordHeader } from '../record/record.ts';
import { type ServiceOptions, serviceOf, withServiceOptions } from './service.ts';

/** What every command that talks to a service takes. */
export interface CommonOptions extends ServiceOptions {
  readonly json: boolean;
}

/** Adds what says which service it is, and `--json`. */
export const withCommonOptions = (command: Command): Command =>
  withServiceOptions(command.option('--json', 'print JSON, for programs', false));

/** The admin of the service that the options name. @throws as `serviceOf` does */
export const adminFor = async (options: CommonOptions): Promise<Admin> =>
  createAdmin(await serviceOf(options));

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

/** Reads one name=value. @throws InvalidArgumentError */
const namedValue = (text: string, example: string): readonly [name: string, value: string] => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`It must be name=value, such as ${example}.`);
  return [text.slice(0, at), text.slice(at + 1)];
};

/** Config names and values, each name once. @throws InvalidArgumentError */
export const collectConfig = (
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const [name, value] = namedValue(text, 'max.message.bytes=65536');
  if (Object.hasOwn(before, name)) {
    throw new InvalidArgumentError(`${name} is there twice: give each config once.`);
  }
  return { ...before, [name]: value };
};

/** Collects `--headers name=value`, which may come several times, names too. */
export const collectHeader = (
  text: string,
  before: readonly RecordHeader[] = [],
): readonly RecordHeader[] => {
  const [key, value] = namedValue(text, 'source=web');
  return [...before, { key, value: Buffer.from(value) }];
};

/** Collects what may come several times. */
export const collectText = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  notEmpty(text),
];
