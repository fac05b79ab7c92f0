/** The programs of the tests as processes: nonsense is refused before anything is run. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const run = (program: string, args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const main = join(import.meta.dirname, '..', program, 'main.ts');
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

it.each([
  ['sim', ['--sed', '1'], "unknown option '--sed'"],
  ['sim/mutants', ['--only', 'nothing like it'], "no mutant's name has"],
  ['sim/mutants', ['--within', '0'], 'a whole number from 1 '],
  ['torture', ['--rounds', '0'], 'a whole number from 1 '],
  ['torture', ['--max-load-ms', '9'], 'a whole number from 10 '],
  ['torture', ['--faults', 'kill,fire'], 'It takes kill, stop, full'],
  ['torture', ['twice'], 'too many arguments'],
  ['fuzz', ['--target', 'planted'], 'Allowed choices are'],
  ['fuzz', ['--target', 'records', '--at', '3'], 'name its --target and its --seed'],
  ['fuzz', ['--replay', 'nothing.json'], 'ENOENT'],
  ['fuzz', ['--replay', 'package.json'], 'It is no finding'],
])('%s refuses %j with 2', async (program, args, why) => {
  const { code, stdout, stderr } = await run(program, args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(why);
  expect(stderr).toContain('--help');
});

it('fuzz tells its seed, and makes one JSON document of what came of it', async () => {
  const args = ['--target', 'records', '--runs', '20'];
  const [people, programs] = await Promise.all([
    run('fuzz', args),
    run('fuzz', [...args, '--json']),
  ]);
  expect(people).toMatchObject({ code: 0, stderr: '' });
  expect(people.stdout).toMatch(
    /^seed \d+\nrecords: 20 inputs .*\n1 target; 20 inputs; .* 0 findings\n$/s,
  );
  expect(JSON.parse(programs.stdout)).toMatchObject({
    ok: true,
    seed: expect.any(Number),
    targets: [{ target: 'records', inputs: 20, grownBytes: 0, findings: [] }],
  });
});
