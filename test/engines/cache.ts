/**
 * Where the engines of the tests (emulators of AWS) are installed, so that a second run finds them.
 *
 *   $STRATALOG_ENGINES, or ~/.cache/stratalog/engines
 *   └── ministack-1.5.33/        complete, or not there: it is made beside and renamed
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cacheDirectory = (): string =>
  process.env.STRATALOG_ENGINES ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'stratalog', 'engines');

/**
 * The directory of an engine, installed when it is not there yet.
 * @param name with its version, which makes another engine of it
 * @param install fills an empty directory, which gets another name afterwards
 */
export const installedEngine = async (
  name: string,
  install: (directory: string) => Promise<void>,
): Promise<string> => {
  const directory = join(cacheDirectory(), name);
  if (existsSync(directory)) return directory;
  await mkdir(cacheDirectory(), { recursive: true });
  const beside = await mkdtemp(join(cacheDirectory(), `.${name}-`));
  try {
    await install(beside);
    await rename(beside, directory).catch((error: unknown) => {
      // Somebody else was quicker; theirs is as good.
      if (!existsSync(directory)) throw error;
    });
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return directory;
};
