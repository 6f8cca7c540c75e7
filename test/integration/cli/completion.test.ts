import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandTree } from '../../../src/cli/completion/command-tree.ts';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { bashCompletion, zshCompletion } from '../../../src/cli/completion/posix-shell.ts';
import { buildProgram } from '../../../src/cli/program.ts';

const tree = commandTree(buildProgram('0.0.0', { exitCode: 0 }), {
  campaign: ['demo', 'links'],
  target: ['sandbox', 'staging'],
  fault: ['cut-link', 'kill-pod'],
});

/** What bash offers when these words were typed and Tab is pressed in the last. */
function bashOffers(...words: readonly string[]): string[] {
  const script = `${bashCompletion(tree)}
COMP_WORDS=(gauntlet ${words.map((one) => `'${one}'`).join(' ')})
COMP_CWORD=${words.length}
_gauntlet
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  return said.split('\n').filter((line) => line !== '');
}

describe('completion for bash', () => {
  it('offers commands, then the commands below one', () => {
    expect(bashOffers('re')).toEqual(['report', 'recover']);
    expect(bashOffers('sandbox', '')).toEqual(['up', 'down', 'status', '--help']);
  });

  it('offers the names that an argument can be, and the options of the command', () => {
    expect(bashOffers('run', 'd')).toEqual(['demo']);
    expect(bashOffers('inject', 'k')).toEqual(['kill-pod']);
    expect(bashOffers('faults', 'c')).toEqual(['cut-link']);
    expect(bashOffers('run', 'demo', '--s')).toEqual(['--seed', '--scale']);
    expect(bashOffers('sandbox', 'up', '--')).toEqual(['--name', '--system', '--json', '--help']);
  });

  it('offers what an option takes, and nothing where only its user knows', () => {
    expect(bashOffers('run', 'demo', '--target', 's')).toEqual(['sandbox', 'staging']);
    expect(bashOffers('report', 'x', '--format', '')).toEqual([
      ...['html', 'md', 'json', 'junit', 'text', 'github', 'gitlab', 'prom', 'openmetrics', 'slack'],
    ]);
    expect(bashOffers('completion', '')).toContain('fish');
    expect(bashOffers('run', 'demo', '--seed', '')).toEqual([]);
    expect(bashOffers('sandbox', 'up', '--name', '')).toEqual([]);
  });

  it('is not misled by a name that is also a command', () => {
    expect(bashOffers('run', 'report', '--d')).toEqual(['--dry-run']);
  });
});

describe.each([
  ['bash', bashCompletion(tree)],
  ['zsh', zshCompletion(tree)],
  ['fish', fishCompletion(tree)],
])('completion for %s', (shell, script) => {
  it('knows every command and every option', () => {
    for (const { path, options } of tree) {
      expect(script).toContain(path);
      for (const flag of options.flatMap((one) => one.flags)) {
        if (flag.startsWith('--')) expect(script).toContain(shell === 'fish' ? `-l ${flag.slice(2)}` : flag);
      }
    }
  });
});
