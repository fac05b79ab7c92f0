/**
 * A page of the documentation as a script: what a reader would type, in order.
 *
 *   ```sh                 run, all of them in one shell
 *   ```sh untested        shown only: what installs, starts the service or talks to the internet
 *   ```sh deployed        run where the stack is deployed, by `npm run test:e2e`
 *   ```ts                 a program of its own, run where it stands
 *   ```ts orders.ts       blocks of one name are one program, run where the last of them stands
 *   ```ts cdk             an app of CDK, synthesized by `test/infra/docs.test.ts`
 *   ```text               under a block: what it prints; `…` stands for anything in a line, a line of
 *                         its own for any lines
 *   // → 42               in a program: the lines it prints, in order
 */

/** One fenced block. */
export interface Block {
  readonly language: string;
  /** What follows the language on the fence. */
  readonly word: string;
  readonly text: string;
  /** Line of the page, of the opening fence. */
  readonly line: number;
  /** Of a `text` block: whether nothing stands between it and the block before. */
  readonly follows: boolean;
}

/** One thing to run, and what it must print. */
export interface Step {
  readonly line: number;
  /** For bash. */
  readonly script: string;
  readonly expected: string | undefined;
}

export interface Script {
  readonly steps: readonly Step[];
  /** File name → TypeScript. */
  readonly programs: ReadonlyMap<string, string>;
}

export const blocksOf = (markdown: string): readonly Block[] => {
  let end = -1;
  return [...markdown.matchAll(/^```(\w*) *([^\n]*)\n(.*?)^```$/gms)].map((match) => {
    const [whole, language, word, text] = match as unknown as [string, string, string, string];
    const follows = end >= 0 && markdown.slice(end, match.index).trim() === '';
    end = match.index + whole.length;
    return {
      language,
      word: word.trim(),
      text,
      line: markdown.slice(0, match.index).split('\n').length,
      follows,
    };
  });
};

/** The lines that a program says it prints. */
const printedBy = (program: string): string | undefined => {
  const lines = [...program.matchAll(/\/\/ → (.*)/g)].map(([, line]) => `${line}\n`);
  return lines.length === 0 ? undefined : lines.join('');
};

/** Words on the fences of what is run, and where that is. */
const WHERE = { 'on a local service': '', deployed: 'deployed' } as const;

/** @throws when a block cannot be told: an unknown word on a fence, output of nothing */
export const scriptOf = (
  markdown: string,
  where: keyof typeof WHERE = 'on a local service',
): Script => {
  const blocks = blocksOf(markdown);
  const refuse = ({ line }: Block, why: string): never => {
    throw new Error(`line ${line}: ${why}`);
  };
  const programs = new Map<string, string>();
  const steps: Step[] = [];
  for (const [index, block] of blocks.entries()) {
    const { language, word, text, line } = block;
    const next = blocks[index + 1];
    const printed = next?.language === 'text' && next.follows ? next.text : undefined;
    if (word === 'untested') continue;
    if (language === 'sh') {
      if (word !== '' && word !== 'deployed') {
        refuse(block, `\`\`\`sh ${word}: write \`\`\`sh, \`\`\`sh untested, or \`\`\`sh deployed`);
      }
      if (word === WHERE[where]) steps.push({ line, script: text, expected: printed });
    } else if (language === 'ts') {
      if (word === 'cdk') continue;
      if (where === 'deployed') continue;
      const name = word || `line-${line}.ts`;
      if (!/^[\w-]+\.ts$/.test(name)) refuse(block, `\`\`\`ts ${word}: that is no name of a file`);
      const program = (programs.get(name) ?? '') + text;
      programs.set(name, program);
      const goesOn = blocks.slice(index + 1).some((other) => word !== '' && other.word === word);
      if (goesOn) continue;
      const expected = printed ?? printedBy(program);
      steps.push({ line, script: `node ${name}\n`, expected });
    } else if (!['text', 'json', 'mermaid', ''].includes(language)) {
      refuse(block, `\`\`\`${language}: nothing runs that; write \`\`\`${language} untested`);
    }
  }
  return { steps, programs };
};

/** A pattern for this text and nothing else. */
const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether `printed` is what the page shows. */
export const isAsShown = (printed: string, shown: string): boolean => {
  const pattern = shown
    .trimEnd()
    .split('\n')
    .map((line) =>
      line.trim() === '…'
        ? '(?:.*\\n)*?'
        : `${line.trimEnd().split('…').map(literally).join('.*')}\\n`,
    )
    .join('');
  const lines = printed.trimEnd().split('\n');
  return new RegExp(`^${pattern}$`).test(lines.map((line) => `${line.trimEnd()}\n`).join(''));
};
