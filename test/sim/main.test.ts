/** `npm run sim` as a process: what it prints, what it leaves behind, and how it exits. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../support/scratch.ts';
import { parseHistory } from './checker/history.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

const sim = (...args: readonly string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

const scratch = scratchDirectory();
const TINY = ['--operations', '40', '--workers', '1'];
const MUTANT = ['--without', 'not-in-tail'];

describe('npm run sim', () => {
  it('prints the seed that it draws, and gives the same under it again', async () => {
    const drawn = await sim('--seeds', '2', ...TINY);
    expect(drawn.stderr).toBe('');
    expect(drawn.code).toBe(0);
    const first = /^first seed (\d+)\n/.exec(drawn.stdout)![1]!;
    expect(drawn.stdout.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(
        `^2 seeds \\(${first}…${+first + 1}\\); [\\d,]+ operations; .* 0 anomalies in 0 seeds`,
      ),
    );
    const [once, twice] = (
      await Promise.all(
        ['1', '2'].map((workers) =>
          sim('--from', first, '--seeds', '2', '--json', ...TINY, '--workers', workers),
        ),
      )
    ).map(({ stdout }) => JSON.parse(stdout));
    expect(once).toMatchObject({
      ok: true,
      seeds: { first: +first, last: +first + 1, count: 2 },
      anomalies: 0,
      failures: [],
    });
    const { seconds, operationsPerSecond, ...same } = once;
    expect(twice).toMatchObject(same);
    expect(seconds).toBeGreaterThan(0);
    expect(operationsPerSecond).toBeGreaterThan(0);
    expect(drawn.stdout).toContain(`${once.operations.toLocaleString('en')} operations`);
  });

  it('keeps and shrinks what fails, and fails again by what it kept', async () => {
    const out = join(scratch, 'out');
    const failed = await sim(
      ...['--from', '1', '--seeds', '6', '--operations', '150', '--shrink-runs', '60'],
      ...['--out', out, '--json', ...MUTANT],
    );
    expect(failed.code).toBe(1);
    const { ok, anomalies, kept, small, failures } = JSON.parse(failed.stdout);
    expect(ok).toBe(false);
    expect(anomalies).toBeGreaterThan(0);
    const { seed, first } = failures[0];
    expect(first).toContain('duplicate');
    expect(kept).toMatchObject({
      repeat: `npm run sim -- --seed ${seed} --operations 150 --without not-in-tail`,
      planFile: join(out, `seed-${seed}`, 'plan.json'),
      found: { rule: 'duplicate' },
    });
    expect(kept.isUnsteady).toBeUndefined();
    expect(small.found.rule).toBe('duplicate');
    expect(small.size.operations).toBeLessThan(kept.size.operations);
    expect(small.size.faults).toBeLessThan(kept.size.faults);

    const [again, healthy] = await Promise.all([
      sim('--plan', small.planFile, ...MUTANT, '--no-shrink', '--out', join(scratch, 'again')),
      sim('--plan', small.planFile),
    ]);
    expect(again.code).toBe(1);
    const timeline = readFileSync(small.timelineFile, 'utf8');
    expect(again.stdout).toContain(timeline);
    expect(again.stdout).not.toContain('made smaller');
    const history = readFileSync(small.historyFile, 'utf8');
    const under = `seed-${JSON.parse(readFileSync(small.planFile, 'utf8')).seed}`;
    expect(readFileSync(join(scratch, 'again', under, 'history.jsonl'), 'utf8')).toBe(history);
    expect(timeline).toMatch(/^duplicate in events\/\d\n/);
    expect(parseHistory(history).operations).toHaveLength(small.size.operations);
    expect(healthy).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [['--seeds', '0'], 'It must be a whole number from 1 '],
    [['--seed', 'x'], 'It must be a whole number from 0 '],
    [['--minutes', '0'], 'It must be a number of minutes'],
    [['--seed', '1', '--seeds', '2'], "cannot be used with option '--seeds"],
    [['--plan', join(scratch, 'nothing.json')], 'ENOENT'],
    [['--without', 'fear'], 'Allowed choices are'],
  ])('refuses %j with 2', async (args, why) => {
    const { code, stdout, stderr } = await sim(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(why);
  });

  it('runs as many seeds as fit into a time', async () => {
    const { code, stdout } = await sim('--minutes', '0.01', '--json', ...TINY);
    expect(code).toBe(0);
    const { seeds, seconds } = JSON.parse(stdout);
    expect(seeds.count).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThanOrEqual(0.6);
  });
});
