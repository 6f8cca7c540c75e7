/**
 * Runs git on one repository of ours: never through a shell, never with a prompt, no hook, no collection of
 * garbage in the background. What the caller's environment says about another repository does not count.
 */
import { execa } from 'execa';
import { GauntletError } from '../core/errors.ts';
import { redact } from '../core/secrets.ts';

export type GitEnv = Readonly<Record<string, string | undefined>>;

export interface GitPlace {
  /** Where the program is started. */
  readonly cwd: string;
  readonly env: GitEnv;
  /** The repository. Absent: that of `cwd`. */
  readonly gitDir?: string;
  /** Configuration for these calls alone, in no file and no argument: it can hold credentials. */
  readonly config?: readonly (readonly [key: string, value: string])[];
  readonly signal?: AbortSignal;
}

export interface GitAnswer {
  readonly ok: boolean;
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** Why it failed, in one line, without credentials. */
  readonly why: string;
}

export interface GitInput {
  readonly stdin?: string;
  /** The index of this call alone. */
  readonly index?: string;
  readonly env?: GitEnv;
}

/** One call: a network that hangs does not hold up a night. */
const TIMEOUT_MS = 120_000;

/** Variables that name a repository, as a hook or an alias has them. */
const OF_A_REPOSITORY =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|CONFIG|SHALLOW_FILE|GRAFT_FILE|TRACE.*)$/;

const ALWAYS: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsync', 'committed,loose-object'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['transfer.fsckObjects', 'true'],
];

/** @throws interrupted; anything else that goes wrong is an answer. */
export async function git(
  { cwd, env, gitDir, config = [], signal }: GitPlace,
  args: readonly string[],
  { stdin, index, env: more = {} }: GitInput = {},
): Promise<GitAnswer> {
  const done = await execa('git', [...args], {
    cwd,
    env: {
      ...childEnv(env, config),
      ...definedOnly(more),
      ...(gitDir && { GIT_DIR: gitDir }),
      ...(index && { GIT_INDEX_FILE: index }),
    },
    extendEnv: false,
    encoding: 'buffer',
    maxBuffer: 1024 * 1024 * 1024,
    timeout: TIMEOUT_MS,
    forceKillAfterDelay: 2000,
    reject: false,
    ...(stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin }),
    ...(signal && { cancelSignal: signal }),
  });
  if (signal?.aborted === true) throw signal.reason;
  const stdout = Buffer.from(done.stdout ?? []);
  if (!done.failed) return { ok: true, exitCode: 0, stdout, why: '' };
  if (done.code === 'ENOENT') throw notInstalled();
  const why = done.timedOut
    ? `no answer in ${TIMEOUT_MS / 1000} s`
    : complaint(Buffer.from(done.stderr ?? []).toString('utf8')) || (done.shortMessage ?? 'it failed');
  return { ok: false, exitCode: done.exitCode ?? null, stdout, why: withoutCredentials(why) };
}

const notInstalled = (): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: 'git',
      expected: 'to be installed',
      got: 'no program of that name on PATH',
      next: 'Install git, or keep the history in a folder.',
    },
  ]);

function childEnv(env: GitEnv, config: NonNullable<GitPlace['config']>): Record<string, string> {
  const own = Object.entries(env).filter(([name]) => !OF_A_REPOSITORY.test(name));
  const all = [...config, ...ALWAYS];
  // The caller's own come first: CI systems pass credentials in this way.
  const first = Number(env['GIT_CONFIG_COUNT']) || 0;
  return {
    ...definedOnly(Object.fromEntries(own)),
    ...{ GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
    GIT_CONFIG_COUNT: String(first + all.length),
    ...Object.fromEntries(
      all.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${first + at}`, key],
        [`GIT_CONFIG_VALUE_${first + at}`, value],
      ]),
    ),
  };
}

const definedOnly = (env: GitEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The lines that say it, and not the advice after them. */
function complaint(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  const said = lines.filter((line) => /^(fatal|error|remote|ssh|!)\b|rejected|denied/i.test(line));
  return (said.length === 0 ? lines : said).slice(0, 3).join('; ').slice(0, 500);
}

/** A URL can hold a token: `https://user:token@host`. */
export const withoutCredentials = (text: string): string =>
  redact(text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, '$1'));
