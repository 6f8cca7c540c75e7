import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../src/cli/examples.ts';
import { buildProgram } from '../../../src/cli/program.ts';

interface Named {
  readonly path: string;
  readonly command: Command;
}

const below = (command: Command, path: readonly string[]): Named[] => [
  { path: path.join(' '), command },
  ...command.commands.flatMap((one) => below(one, [...path, one.name()])),
];
const everyCommand = below(buildProgram('0.0.0', { exitCode: 0 }), []);

function helpOf({ command }: Named): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
  });
  command.outputHelp();
  return text;
}

/** What follows `gauntlet` in an example, up to a pipe or the end of a process substitution. */
const wordsOf = (type: string): string[] => {
  const [, words = ''] = /(?:^|\()gauntlet ?([^|)]*)/.exec(type) ?? [];
  return words.trim().split(/\s+/);
};

describe('--help', () => {
  it('has examples for every command, and for nothing else', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(everyCommand.map((one) => one.path).sort());
  });

  it.each(everyCommand)(
    'of `gauntlet $path` ends with what to type, on lines that a terminal holds',
    (named) => {
      const help = helpOf(named);
      for (const { type, does } of EXAMPLES[named.path] ?? []) {
        const line = help.split('\n').find((one) => one.startsWith(`  ${type}  `));
        expect(line?.trimEnd().endsWith(does)).toBe(true);
        expect(line?.length).toBeLessThanOrEqual(120);
      }
      expect(help).toMatch(/\nExamples?:\n {2}/);
    },
  );

  it('shows nothing that the command would refuse: its words, its options and what these take', () => {
    for (const [path, examples] of Object.entries(EXAMPLES)) {
      for (const { type } of examples) {
        const words = wordsOf(type);
        const named = everyCommand
          .filter((one) => words.join(' ').startsWith(one.path))
          .sort((a, b) => b.path.length - a.path.length)[0];
        expect([path, type, path === '' || named?.path.startsWith(path)]).toEqual([path, type, true]);
        const command = named?.command;
        const flags = words.filter((word) => word.startsWith('--'));
        const known = command?.options.map((one) => one.long) ?? [];
        expect([type, flags.filter((flag) => !known.includes(flag))]).toEqual([type, []]);
      }
    }
  });

  it('names no command, option or argument without a word on it', () => {
    const silent = everyCommand.flatMap(({ path, command }) => [
      ...(command.description() === '' ? [path] : []),
      ...command.options.filter((one) => one.description === '').map((one) => `${path} ${one.flags}`),
      ...command.registeredArguments
        .filter((one) => one.description === '')
        .map((one) => `${path} ${one.name()}`),
    ]);
    expect(silent).toEqual([]);
  });
});
