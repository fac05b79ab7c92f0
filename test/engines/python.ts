/** A Python that is new enough, and virtual environments of it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `python -c` prints for the version; nothing when there is no such program. */
const minorOf = async (program: string): Promise<number | undefined> => {
  const script = 'import ensurepip, venv, sys; print(*sys.version_info[:2])';
  const { stdout } = await run(program, ['-c', script]).catch(() => ({ stdout: '' }));
  const [major, minor] = stdout.split(' ').map(Number);
  return major === 3 ? minor : undefined;
};

/** @throws what to install, when no Python on the PATH is new enough */
const findPython = async (leastMinor: number): Promise<string> => {
  const programs = ['python3', ...[10, 11, 12, 13, 14].map((minor) => `python3.${minor}`)];
  for (const program of programs) {
    if (((await minorOf(program)) ?? 0) >= leastMinor) return program;
  }
  throw new Error(
    `This needs Python 3.${leastMinor} or newer with venv and pip, and finds none on the PATH. Install it, ` +
      'for example with `apt-get install python3 python3-venv` or `brew install python`.',
  );
};

/**
 * Makes a virtual environment with these packages, each pinned.
 *
 * Programs in its `bin` name the directory that it was made in; call modules (`python -m …`), as the
 * directory may get another name.
 */
export const makeVirtualEnvironment = async (
  directory: string,
  packages: readonly string[],
  leastMinor: number,
): Promise<void> => {
  await run(await findPython(leastMinor), ['-m', 'venv', directory]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(pythonOf(directory), [...pip, ...packages]);
};

export const pythonOf = (directory: string): string => join(directory, 'bin', 'python');
