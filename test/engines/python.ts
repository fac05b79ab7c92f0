/** A Python of the right version, and virtual environments of it. */
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
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

/** Which Python 3 will do. */
export type PythonVersion = { readonly leastMinor: number } | { readonly minor: number };

/** Those on the PATH, then those that pyenv keeps, whether its shims lead to them or not. */
const candidates = (minors: readonly number[]): readonly string[] => {
  const kept = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  return [
    'python3',
    ...minors.map((minor) => `python3.${minor}`),
    ...minors.flatMap((minor) => globSync(join(kept, `3.${minor}.*`, 'bin', 'python3')).sort()),
  ];
};

/** @throws what to install, when there is none */
const findPython = async (version: PythonVersion): Promise<string> => {
  const exact = 'minor' in version;
  const minors = exact ? [version.minor] : [10, 11, 12, 13, 14];
  // A variable for each, such as STRATALOG_PYTHON_313, names one that lies elsewhere.
  const named = minors.flatMap((minor) => process.env[`STRATALOG_PYTHON_3${minor}`] ?? []);
  for (const program of [...named, ...candidates(minors)]) {
    const minor = (await minorOf(program)) ?? 0;
    if (exact ? minor === version.minor : minor >= version.leastMinor) return program;
  }
  throw new Error(
    exact
      ? `This needs Python 3.${version.minor}, no other, with venv and pip, and finds none on the PATH or in pyenv. Install it, for example with \`pyenv install 3.${version.minor}\`, \`apt-get install python3.${version.minor} python3.${version.minor}-venv\` or \`brew install python@3.${version.minor}\`, or name it in STRATALOG_PYTHON_3${version.minor}.`
      : `This needs Python 3.${version.leastMinor} or newer with venv and pip, and finds none on the PATH. Install it, for example with \`apt-get install python3 python3-venv\` or \`brew install python\`.`,
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
  version: PythonVersion,
): Promise<void> => {
  await run(await findPython(version), ['-m', 'venv', directory]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(pythonOf(directory), [...pip, ...packages]);
};

export const pythonOf = (directory: string): string => join(directory, 'bin', 'python');
