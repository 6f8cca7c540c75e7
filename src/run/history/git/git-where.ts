/** `git:BRANCH` or `git:BRANCH@REMOTE`, looked up in the repository of the working directory. */
import { resolve } from 'node:path';
import { didYouMean } from '../../../core/did-you-mean.ts';
import { type GauntletError, type Problem, usageError } from '../../../core/errors.ts';
import { keepSecret } from '../../../core/secrets.ts';
import { type GitEnv, git, withoutCredentials } from '../../../system/git.ts';

/** A branch at a remote, and all that is needed to reach it from a repository of our own. */
export interface GitBranch {
  readonly branch: string;
  /** Null: the repository has no remote, so the branch is one of its own. */
  readonly remote: string | null;
  readonly fetchUrl: string;
  readonly pushUrl: string;
  /** Credentials, proxies and the like, as the repository alone has them. */
  readonly config: readonly (readonly [string, string])[];
  /** Who commits. */
  readonly identity: { readonly name: string; readonly email: string };
}

export const GIT_PREFIX = 'git:';

interface Asked {
  readonly cwd: string;
  readonly env: GitEnv;
  readonly signal?: AbortSignal;
}

/** @throws usage: no such branch name, repository or remote. */
export async function gitBranch(where: string, asked: Asked): Promise<GitBranch> {
  const wrong = (problem: Omit<Problem, 'subject'>): GauntletError =>
    usageError({ subject: `history ${where}`, ...problem });
  const text = where.slice(GIT_PREFIX.length);
  const at = text.lastIndexOf('@');
  const branch = at < 0 ? text : text.slice(0, at);
  const given = at < 0 ? undefined : text.slice(at + 1);
  const check = await git(asked, ['check-ref-format', `refs/heads/${branch}`]);
  if (!check.ok || branch.startsWith('-'))
    throw wrong({
      expected: 'git:BRANCH or git:BRANCH@REMOTE, a name that git takes',
      got: JSON.stringify(branch),
    });
  const repository = await git(asked, ['rev-parse', '--path-format=absolute', '--git-common-dir']);
  if (!repository.ok)
    throw wrong({
      expected: 'a git repository in the working directory, whose remote has the branch',
      got: repository.why,
      next: 'Change into a clone, or keep the history in a folder.',
    });
  const local = await localConfig(asked);
  const remotes = [...new Set(local.flatMap(([key]) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []))];
  const remote = given ?? (remotes.length === 0 ? null : 'origin');
  if (remote !== null && !remotes.includes(remote))
    throw wrong({
      expected:
        remotes.length === 0 ? 'a repository with a remote' : `a remote, one of ${remotes.join(', ')}`,
      got: remote,
      next: didYouMean(remote, remotes).next ?? `Name it: ${GIT_PREFIX}${branch}@REMOTE.`,
    });
  const urls = await urlsOf(asked, remote, local, repository.stdout.toString('utf8').trim());
  for (const url of Object.values(urls)) keepCredentials(url);
  const config = local.filter(([key]) => OF_TRANSPORT.test(key));
  for (const [key, value] of config) if (/\.extraheader$/i.test(key)) keepSecret(key, value);
  return {
    branch,
    remote,
    ...urls,
    config: withBatchSsh(config, local, asked.env),
    identity: await identityOf(asked),
  };
}

/** Of this repository alone: git reads the user's and the system's by itself. */
async function localConfig(asked: Asked): Promise<readonly (readonly [string, string])[]> {
  const { stdout } = await git(asked, ['config', '--list', '--includes', '--show-scope', '-z']);
  const parts = stdout.toString('utf8').split('\0');
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const scope = parts[at];
    const [key = '', ...value] = (parts[at + 1] ?? '').split('\n');
    if (scope === 'local' || scope === 'worktree')
      pairs.push([key, value.length === 0 ? 'true' : value.join('\n')]);
  }
  return pairs;
}

const OF_TRANSPORT = /^(http|credential|url|protocol|ssh)\.|^core\.(sshcommand|gitproxy|askpass)$/i;

/** Without a command of the user's own, ssh would ask for a password or a host key on the terminal. */
function withBatchSsh(
  config: GitBranch['config'],
  local: GitBranch['config'],
  env: GitEnv,
): GitBranch['config'] {
  const isSet = env['GIT_SSH_COMMAND'] !== undefined || env['GIT_SSH'] !== undefined;
  const isOwn = local.some(([key]) => key === 'core.sshcommand');
  return isSet || isOwn ? config : [...config, ['core.sshCommand', 'ssh -o BatchMode=yes']];
}

async function urlsOf(
  asked: Asked,
  remote: string | null,
  local: GitBranch['config'],
  gitDir: string,
): Promise<Pick<GitBranch, 'fetchUrl' | 'pushUrl'>> {
  if (remote === null) return { fetchUrl: gitDir, pushUrl: gitDir };
  const first = (key: string): string | undefined =>
    local.find(([one]) => one === `remote.${remote}.${key}`)?.[1];
  const top = await git(asked, ['rev-parse', '--show-toplevel']);
  const base = top.ok ? top.stdout.toString('utf8').trim() : gitDir;
  // What has a colon is an address; the rest is a path, relative to the repository.
  const absolute = (url: string): string => (url.includes(':') ? url : resolve(base, url));
  const fetchUrl = absolute(first('url') ?? '');
  const pushUrl = first('pushurl');
  return { fetchUrl, pushUrl: pushUrl === undefined ? fetchUrl : absolute(pushUrl) };
}

function keepCredentials(url: string): void {
  const [, credentials = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/\s@]+)@/i.exec(url) ?? [];
  const secret = credentials.slice(credentials.indexOf(':') + 1);
  if (credentials.includes(':')) keepSecret('credentials of the remote', secret);
}

async function identityOf(asked: Asked): Promise<GitBranch['identity']> {
  const read = async (key: string): Promise<string> =>
    (await git(asked, ['config', '--get', key])).stdout.toString('utf8').trim();
  const [name, email] = [await read('user.name'), await read('user.email')];
  return name === '' || email === '' ? { name: 'Gauntlet', email: 'gauntlet@localhost' } : { name, email };
}

/** For messages. */
export const sayBranch = ({ branch, remote, fetchUrl }: GitBranch): string =>
  remote === null
    ? `branch ${branch} of this repository`
    : `branch ${branch} of ${remote} (${withoutCredentials(fetchUrl)})`;
