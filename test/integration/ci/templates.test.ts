/** The scripts of deploy/ci, run as their servers run them, with a `gauntlet` that ends as it is told to. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const CI = resolve(import.meta.dirname, '../../../deploy/ci');
const read = (name: string): string => readFileSync(join(CI, name), 'utf8');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-ci-'));
  mkdirSync(join(folder, 'bin'));
  // It writes down what it was called with, and leaves what a run leaves.
  program(
    'npx',
    `[ "$1" != --no-install ] || shift
[ "$1" = gauntlet ] || exit 127
shift
printf '%s\\n' "$*" >> "$CALLS"
case $1 in
  nightly|gate)
    out=; while [ $# -gt 0 ]; do [ "$1" != --out ] || out=$2; shift; done
    if [ "$NIGHT" -lt 64 ]; then mkdir -p "$out"; echo '{}' > "$out/plan.json"; fi
    echo "the answer"; exit "$NIGHT" ;;
  report)
    while [ $# -gt 0 ]; do
      [ "$1" != --comment ] || printf '<!-- gauntlet:a:b -->\\n# FAIL\\n' > "$2"
      [ "$1" != --out ] || echo 'gauntlet_exit_code 0' > "$2"
      shift
    done
    exit "$NIGHT" ;;
esac`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

const calls = (): string[] => {
  const path = join(folder, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

/** @param shell as the server starts it. */
function run(shell: readonly string[], script: string, env: Readonly<Record<string, string>>) {
  const file = join(folder, 'step.sh');
  writeFileSync(file, script);
  const [program = '', ...options] = shell;
  const { status, stdout, stderr } = spawnSync(program, [...options, file], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      CALLS: join(folder, 'calls'),
      ...env,
    },
  });
  return { code: status, stdout, stderr };
}

const CODES = [
  [0, 0],
  [1, 1],
  [2, 0],
  [3, 3],
  [4, 4],
  [5, 5],
  [64, 64],
  [77, 77],
] as const;

interface Step {
  readonly name?: string;
  readonly run?: string;
}
const github = parse(read('github-actions.yml')) as {
  readonly env: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
};
const BASH = ['bash', '--noprofile', '--norc', '-eo', 'pipefail'];

describe('GitHub Actions', () => {
  const step = (job: string, name: string, env: Readonly<Record<string, string>>) => {
    const script = github.jobs[job]?.steps.find((one) => one.name === name)?.run ?? 'exit 99';
    return run(BASH, script, {
      ...github.env,
      ...{ GITHUB_OUTPUT: join(folder, 'output'), RUN_DIR: 'run', REPORT_URL: 'https://ci/1' },
      ...{ CANDIDATE_VERSION: 'abc', NUMBER: '7', REPOSITORY: 'o/r', GH_TOKEN: 'x' },
      ...env,
    });
  };
  const output = (): string => readFileSync(join(folder, 'output'), 'utf8');

  it.each(CODES)(
    'a night that ends with %i ends its step with %i, and its code is an output',
    (night, job) => {
      const { code, stdout } = step('nightly', 'Night', { NIGHT: String(night), BOOTSTRAP: 'false' });
      expect(code).toBe(job);
      expect(output()).toBe(`code=${night}\n`);
      expect(stdout.includes('::warning title=gauntlet::INCONCLUSIVE')).toBe(night === 2);
      expect(calls()).toEqual([
        'nightly nightly --target staging --history git:gauntlet-history --out run --report-url https://ci/1 --yes',
      ]);
    },
  );

  it('the first night begins a history, when it is started by hand for that', () => {
    step('nightly', 'Night', { NIGHT: '0', BOOTSTRAP: 'true' });
    expect(calls()[0]).toContain(' --history git:gauntlet-history --bootstrap --out run ');
  });

  it.each(CODES)('a gate that ends with %i ends its step with %i', (night, job) => {
    expect(step('gate', 'Gate', { NIGHT: String(night) }).code).toBe(job);
    expect(output()).toBe(`code=${night}\n`);
    expect(calls()[0]).toContain('--candidate-version abc --out run --yes');
  });

  it.each(['0', '1', '69'])('the summary never fails a job, whatever it ends with (%s)', (night) => {
    expect(step('nightly', 'Summary', { NIGHT: night }).code).toBe(0);
    expect(calls()).toEqual(['report git:gauntlet-history --format github', 'report run --format github']);
    expect(step('gate', 'Summary', { NIGHT: night }).code).toBe(0);
    expect(calls()[2]).toBe('report run --format github --comment comment.md');
  });

  /** GitHub's own program: lists two comments, one of them ours. */
  const gh = (ending: number): void =>
    program(
      'gh',
      `printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *--paginate*) printf '11\\t# A review\\n12\\t%s\\n' "$(cat mark)"; exit 0 ;;
esac
exit ${ending}`,
    );
  const commented = (mark: string, ending = 0) => {
    gh(ending);
    writeFileSync(join(folder, 'comment.md'), '<!-- gauntlet:a:b -->\n# FAIL\n');
    writeFileSync(join(folder, 'mark'), mark);
    return step('gate', 'Comment', { NIGHT: '0' });
  };

  it('the comment replaces its own of before, found by the hidden mark', () => {
    expect(commented('<!-- gauntlet:a:b -->').code).toBe(0);
    expect(calls()[1]).toBe('api --method PATCH repos/o/r/issues/comments/12 -F body=@comment.md');
  });

  it('the comment is a new one where there is none of this campaign', () => {
    expect(commented('<!-- gauntlet:other:b -->').code).toBe(0);
    expect(calls()[1]).toBe('api --method POST repos/o/r/issues/7/comments -F body=@comment.md');
  });

  it('a token that may not comment (403) is a notice, and no result', () => {
    const { code, stdout } = commented('<!-- gauntlet:a:b -->', 1);
    expect(code).toBe(0);
    expect(stdout).toContain('::notice title=gauntlet::No comment: this token may not write one.');
  });

  it('there is no comment where there was no run', () => {
    gh(1);
    expect(step('gate', 'Comment', { NIGHT: '0' }).code).toBe(0);
    expect(calls()).toEqual([]);
  });
});

describe('GitLab CI', () => {
  const gitlab = parse(read('gitlab-ci.yml')) as Readonly<
    Record<string, { readonly script?: readonly string[]; readonly after_script?: readonly string[] }>
  >;
  const env = {
    ...{ CAMPAIGN: 'nightly', TARGET: 'staging', HISTORY: 'git:gauntlet-history', BOOTSTRAP: 'false' },
    ...{
      CI_SERVER_URL: 'https://gitlab.example',
      CI_PROJECT_PATH: 'g/p',
      CI_JOB_URL: 'https://gitlab.example/j/1',
    },
    ...{ CI_COMMIT_SHA: 'abc', GAUNTLET_PUSH_TOKEN: 'canary-of-the-push' },
  };
  /** As its runner joins the lines of a job. */
  const job = (name: string, more: Readonly<Record<string, string>>) =>
    run(['bash', '-eo', 'pipefail'], (gitlab[name]?.script ?? ['exit 99']).join('\n'), { ...env, ...more });
  const git = (...words: string[]): string =>
    spawnSync('git', words, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } }).stdout;

  it.each(CODES)('a night that ends with %i', (night) => {
    git('init', '-q');
    git('remote', 'add', 'origin', 'https://gitlab-ci-token:other@gitlab.example/g/p.git');
    // 2 is a warning by `allow_failure`, so the script itself ends with it.
    expect(job('gauntlet-nightly', { NIGHT: String(night) }).code).toBe(night);
    expect(calls()).toEqual([
      'nightly nightly --target staging --history git:gauntlet-history --out gauntlet-night --report-url https://gitlab.example/j/1 --yes',
    ]);
  });

  it('the token of the push is asked for, and is in no file and no address', () => {
    git('init', '-q');
    git('remote', 'add', 'origin', 'https://gitlab-ci-token:other@gitlab.example/g/p.git');
    job('gauntlet-nightly', { NIGHT: '0', BOOTSTRAP: 'true' });
    expect(calls()[0]).toContain(' --bootstrap --out ');
    expect(readFileSync(join(folder, '.git/config'), 'utf8')).not.toMatch(/canary|other@/);
    const asked = spawnSync('git', ['credential', 'fill'], {
      cwd: folder,
      encoding: 'utf8',
      input: 'protocol=https\nhost=gitlab.example\n\n',
      env: { ...process.env, ...env, GIT_TERMINAL_PROMPT: '0' },
    });
    expect(asked.stdout).toContain('password=canary-of-the-push\n');
  });

  it.each(['gauntlet-nightly', 'gauntlet-gate'])('%s writes its metrics after any end', (name) => {
    const script = (gitlab[name]?.after_script ?? ['exit 99']).join('\n');
    expect(run(['bash', '-eo', 'pipefail'], script, { NIGHT: '1' }).code).toBe(0);
    expect(existsSync(join(folder, 'metrics.txt'))).toBe(true);
  });

  it('a gate names what is gated', () => {
    expect(job('gauntlet-gate', { NIGHT: '2' }).code).toBe(2);
    expect(calls()[0]).toContain('--candidate-version abc --out gauntlet-gate --yes');
  });
});

describe('Jenkins', () => {
  const [, script = 'exit 99'] =
    /sh\(returnStatus: true, script: '''([\s\S]*?)'''\)/.exec(read('Jenkinsfile')) ?? [];
  const env = {
    ...{ CAMPAIGN: 'nightly', TARGET: 'staging', HISTORY: 'git:gauntlet-history', RUN_DIR: 'run' },
    ...{ BUILD_URL: 'https://jenkins/1', HISTORY_KEY: '/keys/one' },
  };

  it.each(CODES)('gets the code of a night as it is: %i', (night) => {
    expect(run(['sh', '-xe'], script, { ...env, NIGHT: String(night), BOOTSTRAP: 'false' }).code).toBe(night);
    expect(calls()).toEqual([
      'nightly nightly --target staging --history git:gauntlet-history --out run --report-url https://jenkins/1 --yes',
    ]);
  });

  it('begins a history when it is asked to', () => {
    run(['sh', '-xe'], script, { ...env, NIGHT: '0', BOOTSTRAP: 'true' });
    expect(calls()[0]).toContain(' --bootstrap --out run ');
  });
});

describe('a night from cron', () => {
  const night = (more: Readonly<Record<string, string>>, ...words: string[]) => {
    const env = {
      ...{ GAUNTLET_PROJECT: folder, GAUNTLET_DATA: join(folder, 'data') },
      GAUNTLET_SETTINGS: join(folder, 'nightly.env'),
      ...more,
    };
    return run(['bash'], `exec '${join(CI, 'nightly.sh')}' ${words.join(' ')}`, env);
  };

  it('says nothing after PASS: what it prints is mailed', () => {
    const { code, stdout, stderr } = night({ NIGHT: '0' });
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    expect(calls()[0]).toMatch(
      /^nightly nightly --target staging --history \S+\/data\/history --out \S+\/data\/runs\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ --yes$/,
    );
  });

  it.each([1, 2, 5, 69])('passes the code %i on, with the end of the log', (ending) => {
    const { code, stdout } = night({ NIGHT: String(ending) });
    expect(code).toBe(ending);
    expect(stdout).toContain(`gauntlet: the night ended with ${ending}; log: `);
    expect(stdout).toContain('the answer');
  });

  it('hands its words on, and reads settings from a file', () => {
    writeFileSync(join(folder, 'nightly.env'), 'GAUNTLET_TARGET=other\nGAUNTLET_HISTORY=git:nights\n');
    night({ NIGHT: '0' }, '--bootstrap');
    expect(calls()[0]).toMatch(/--target other --history git:nights --out \S+ --yes --bootstrap$/);
  });

  it('does not join a night that still runs', () => {
    mkdirSync(join(folder, 'data'));
    const lock = join(folder, 'data/nightly.lock');
    const outer = `exec 8>'${lock}'; flock 8; exec '${join(CI, 'nightly.sh')}'`;
    const { code, stderr } = run(['bash'], outer, {
      ...{ NIGHT: '0', GAUNTLET_PROJECT: folder, GAUNTLET_DATA: join(folder, 'data') },
      GAUNTLET_SETTINGS: join(folder, 'none'),
    });
    expect(code).toBe(75);
    expect(stderr).toContain('gauntlet: the last night still runs');
    expect(calls()).toEqual([]);
  });

  it('leaves metrics for a node_exporter after any verdict, whole and readable', () => {
    mkdirSync(join(folder, 'textfile'));
    expect(night({ NIGHT: '1', GAUNTLET_TEXTFILE_DIR: join(folder, 'textfile') }).code).toBe(1);
    expect(readdirSync(join(folder, 'textfile'))).toEqual(['gauntlet.prom']);
    expect(calls()[1]).toMatch(/^report \S+\/data\/history --format prom --out /);
  });

  it('removes old run folders, and nothing of the history', () => {
    const [old, kept] = [join(folder, 'data/runs/old'), join(folder, 'data/history')];
    mkdirSync(old, { recursive: true });
    mkdirSync(kept, { recursive: true });
    const then = new Date(Date.now() - 40 * 86_400_000);
    for (const one of [old, kept]) utimesSync(one, then, then);
    night({ NIGHT: '0' });
    expect(existsSync(old)).toBe(false);
    expect(existsSync(kept)).toBe(true);
    expect(readdirSync(join(folder, 'data/runs'))).toHaveLength(2);
  });
});

describe('actionlint, where it is installed', () => {
  const found = spawnSync('actionlint', ['-version'], { encoding: 'utf8' });

  it.skipIf(found.error !== undefined)('finds nothing in the workflow', () => {
    const { status, stdout } = spawnSync('actionlint', ['-no-color', join(CI, 'github-actions.yml')], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
