/** What deploy/ci gives to copy: that it parses, and that it promises no more rights than it needs. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../../src/cli/program.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, 'deploy/ci', name), 'utf8');
const FILES = ['github-actions.yml', 'gitlab-ci.yml', 'Jenkinsfile', 'nightly.sh'] as const;

interface Job {
  readonly if: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly 'timeout-minutes': number;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly steps: readonly {
    readonly name?: string;
    readonly uses?: string;
    readonly if?: string;
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
  }[];
}
const github = parse(read('github-actions.yml')) as {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly jobs: Readonly<Record<'nightly' | 'gate', Job>>;
};
interface GitlabJob {
  readonly resource_group?: string;
  readonly interruptible?: boolean;
  readonly allow_failure?: { readonly exit_codes: readonly number[] };
  readonly script?: readonly string[];
  readonly artifacts?: { readonly when: string; readonly reports: Readonly<Record<string, string>> };
}
const gitlab = parse(read('gitlab-ci.yml')) as Readonly<Record<string, GitlabJob>>;

describe('every template', () => {
  it('calls commands and options that there are', () => {
    const program = buildProgram('0.0.0', { exitCode: 0 });
    for (const file of FILES) {
      const joined = read(file).replaceAll(/ \\\n\s+/g, ' ');
      const calls = [...joined.matchAll(/\bgauntlet (nightly|gate|report|doctor)\b([^\n;|]*)/g)].filter(
        ([, , rest = '']) => / --[a-z]/.test(rest),
      );
      expect(calls.length, file).toBeGreaterThan(0);
      for (const [, name, rest = ''] of calls) {
        const known =
          program.commands.find((one) => one.name() === name)?.options.map((one) => one.long) ?? [];
        const used = [...rest.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => option);
        expect(
          used.filter((one) => !known.includes(one)),
          `${file}: gauntlet ${name}`,
        ).toEqual([]);
      }
    }
  });

  it('holds no secret: each comes from the environment or the store of the server', () => {
    for (const file of FILES)
      expect(read(file)).not.toMatch(/(token|secret|password|webhook)\s*[:=]\s*['"]?[A-Za-z0-9/+]{16,}/i);
  });
});

describe('GitHub Actions', () => {
  const { nightly, gate } = github.jobs;

  it('gives rights to jobs alone, and to write the repository to the nightly alone', () => {
    expect(github.permissions).toEqual({});
    expect(nightly.permissions).toEqual({ contents: 'write' });
    expect(gate.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
  });

  it('runs one at a time on a target, and cancels none in the middle of a fault', () => {
    for (const job of [nightly, gate])
      expect(job.concurrency).toEqual({ group: 'gauntlet-staging', 'cancel-in-progress': false });
    expect(nightly['timeout-minutes']).toBeGreaterThan(0);
    expect(gate['timeout-minutes']).toBeGreaterThan(15);
  });

  it('pins each action by its commit', () => {
    const uses = [nightly, gate].flatMap((job) => job.steps.flatMap((one) => one.uses ?? []));
    expect(uses.length).toBeGreaterThan(6);
    for (const one of uses) expect(one).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    expect(read('github-actions.yml').match(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/gm)).toHaveLength(uses.length);
  });

  it('puts nothing of a pull request into the text of a script', () => {
    const scripts = [nightly, gate].flatMap((job) => job.steps.flatMap((one) => one.run ?? []));
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  it('writes summary, comment and evidence whatever the verdict is, the summary first', () => {
    for (const job of [nightly, gate]) {
      const main = job.steps.findIndex((one) => one.run?.includes('echo "code=$code"'));
      const after = job.steps.slice(main + 1);
      expect(after[0]?.name).toBe('Summary');
      expect(after.map((one) => one.if)).toEqual(after.map(() => 'always()'));
      expect(after.at(-1)?.uses).toContain('upload-artifact');
    }
  });

  it('starts no gate for a fork, whose token has no secrets', () => {
    expect(gate.if).toContain('head.repo.full_name == github.repository');
    expect(nightly.if).toBe("github.event_name != 'pull_request'");
  });
});

describe('GitLab CI', () => {
  it('takes 2 for a warning, and no other code', () => {
    expect(gitlab['.gauntlet']?.allow_failure?.exit_codes).toEqual([2]);
  });

  it('runs one at a time on a target, and cancels none', () => {
    expect(gitlab['.gauntlet']).toMatchObject({ resource_group: 'gauntlet-staging', interruptible: false });
  });

  it.each(['gauntlet-nightly', 'gauntlet-gate'])(
    'keeps the reports of %s whatever the verdict is',
    (name) => {
      expect(gitlab[name]?.artifacts?.when).toBe('always');
      expect(Object.keys(gitlab[name]?.artifacts?.reports ?? {})).toEqual(['junit', 'metrics']);
      expect(gitlab[name]).toMatchObject({ extends: '.gauntlet' });
    },
  );
});

describe('the Jenkinsfile', () => {
  const text = read('Jenkinsfile');
  /** Without strings and comments. */
  const bare = text
    .replaceAll(/'''[\s\S]*?'''/g, "''")
    .replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''")
    .replaceAll(/\/\/.*$/gm, '');

  it('closes every bracket that it opens, in order', () => {
    const open: string[] = [];
    const pairs: Readonly<Record<string, string>> = { '}': '{', ')': '(', ']': '[' };
    for (const sign of bare.replaceAll(/[^{}()[\]]/g, '')) {
      if (sign in pairs) expect(open.pop()).toBe(pairs[sign]);
      else open.push(sign);
    }
    expect(open).toEqual([]);
    expect(bare).not.toMatch(/['"]{3}/);
  });

  it('has the sections of a declarative pipeline, each where it belongs', () => {
    const depths = [...bare.matchAll(/^( *)([a-z]+)(?:\([^)]*\))? \{/gm)].map(([, blanks = '', name]) => [
      name,
      blanks.length / 2,
    ]);
    expect(depths.filter(([, depth]) => depth === 0)).toEqual([['pipeline', 0]]);
    expect(depths.filter(([, depth]) => depth === 1).map(([name]) => name)).toEqual([
      ...['agent', 'triggers', 'parameters', 'options', 'environment', 'stages', 'post'],
    ]);
  });

  it('makes 2 unstable, and any other code but 0 a failure', () => {
    expect(text).toMatch(/if \(code == 2\) \{\s+unstable\(/);
    expect(text).toMatch(/else if \(code != 0\) \{\s+error\(/);
    expect(text).toContain('disableConcurrentBuilds()');
  });
});

describe('the crontab', () => {
  it('has lines that cron reads: five times, a user and a command', () => {
    const lines = read('crontab')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const jobs = lines.filter((line) => !/^[A-Z]+=\S/.test(line));
    expect(jobs).toEqual(['17 2 * * * gauntlet /opt/gauntlet/nightly.sh']);
    // A percent sign would end the command.
    expect(jobs.join('')).not.toContain('%');
    expect(read('crontab').endsWith('\n')).toBe(true);
  });
});
