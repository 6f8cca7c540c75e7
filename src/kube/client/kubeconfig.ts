/**
 * Which cluster a target means: from kubeconfig and context to server, user and credentials. The target file
 * always names the context; Gauntlet never acts on kubectl's current one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, messageOf, type Problem, show } from '../../core/errors.ts';
import { emptyMapAt, parsePlacedYaml, type YamlNode } from '../../core/placed-yaml.ts';
import { type KubeCluster, readCluster } from './kubeconfig-cluster.ts';
import { KubeconfigProblems } from './kubeconfig-problems.ts';
import { type KubeUser, readUser } from './kubeconfig-user.ts';

export interface ClusterAccess {
  readonly context: string;
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser;
  /** A check before anything is sent (cluster-identity.ts). */
  before?(): Promise<void>;
}

/**
 * @param kubeconfig a path, or several as in KUBECONFIG: of two entries with one name the first one counts as
 * a whole, and of several files missing ones are skipped, as in kubectl.
 * @throws usage when a file cannot be read, the context does not exist, or cluster or user of the context
 * have an unknown field: never uses another identity than kubectl. Entries of other contexts are not checked.
 */
export function openKubeconfig(kubeconfig: string, context: string): ClusterAccess {
  const files = readAll(kubeconfig);
  const names = [...new Set(files.flatMap((one) => [...one.contexts.keys()]))];
  const found = first(files, 'contexts', context);
  if (!found) {
    const expected =
      names.length === 0 ? `a context in ${kubeconfig} (it has none)` : `one of ${names.join(', ')}`;
    const hint = didYouMean(context, names);
    throw new GauntletError('usage', [
      { subject: 'kubernetes.context', expected, got: show(context), ...hint },
    ]);
  }
  const problems = new KubeconfigProblems();
  problems.onlyKeys(found, `context ${context}`, ['cluster', 'user', 'namespace', 'extensions']);
  const clusterNode = entryOf(files, 'clusters', found, 'cluster', problems);
  const userNode = entryOf(files, 'users', found, 'user', problems);
  const cluster = clusterNode && readCluster(textOf(found, 'cluster'), clusterNode, problems);
  const user = userNode && readUser(textOf(found, 'user'), userNode, problems);
  problems.throwIfAny();
  if (!cluster || !user) {
    throw new GauntletError('defect', [
      { subject: kubeconfig, expected: 'a problem or an access', got: 'neither' },
    ]);
  }
  return { context, server: cluster.server, cluster, user };
}

/** False where there is no file. @throws usage for one that cannot be read. */
export function hasContext(kubeconfig: string, context: string): boolean {
  const files = kubeconfig.split(delimiter).filter((path) => path !== '' && existsSync(path));
  return files.length > 0 && first(readAll(files.join(delimiter)), 'contexts', context) !== undefined;
}

const LISTS = { clusters: 'cluster', contexts: 'context', users: 'user' } as const;
type Entries = Readonly<Record<keyof typeof LISTS, ReadonlyMap<string, YamlNode>>>;

function readAll(kubeconfig: string): readonly Entries[] {
  const files = kubeconfig.split(delimiter).filter((path) => path !== '');
  const absent: unknown[] = [];
  const read = files.flatMap((file) => {
    try {
      return [entriesIn(parsePlacedYaml(file, readFileSync(file, 'utf8')))];
    } catch (error) {
      if (error instanceof GauntletError) throw error;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(file, error);
      absent.push(error);
      return [];
    }
  });
  // A single named file must exist; in a list kubectl skips missing ones.
  if (read.length === 0) throw unreadable(kubeconfig, absent[0] ?? new Error('no file'));
  return read;
}

function unreadable(file: string, error: unknown): GauntletError {
  const problem: Problem = {
    subject: `kubeconfig ${file}`,
    expected: 'a readable kubeconfig',
    got: messageOf(error),
    next: 'Name it in the target file (kubernetes.kubeconfig) or in KUBECONFIG; in a pod, context: in-cluster is its own account.',
  };
  return new GauntletError('usage', [problem], { cause: error });
}

/** Of two entries with one name in one file, the first; an entry without a name cannot be referenced. */
function entriesIn(root: YamlNode): Entries {
  const list = (name: keyof typeof LISTS): ReadonlyMap<string, YamlNode> => {
    const found = new Map<string, YamlNode>();
    for (const item of root.entries.get(name)?.items ?? []) {
      const key = item.entries.get('name')?.value;
      if (key == null || found.has(String(key))) continue;
      // An entry without a body is one with an empty body, as in kubectl.
      found.set(String(key), item.entries.get(LISTS[name]) ?? emptyMapAt(item.place));
    }
    return found;
  };
  return { clusters: list('clusters'), contexts: list('contexts'), users: list('users') };
}

const first = (files: readonly Entries[], list: keyof Entries, name: string): YamlNode | undefined =>
  files.map((one) => one[list].get(name)).find((one) => one !== undefined);

const textOf = (context: YamlNode, key: string): string => String(context.entries.get(key)?.value ?? '');

/** The entry that a context names. A context without a user sends no credentials, as in kubectl. */
function entryOf(
  files: readonly Entries[],
  list: 'clusters' | 'users',
  context: YamlNode,
  key: 'cluster' | 'user',
  problems: KubeconfigProblems,
): YamlNode | undefined {
  const name = textOf(context, key);
  if (name === '' && key === 'user') return emptyMapAt(context.place);
  const known = [...new Set(files.flatMap((one) => [...one[list].keys()]))];
  const node = first(files, list, name);
  if (node !== undefined) return node;
  const expected = known.length === 0 ? `an entry in ${list} (there is none)` : `one of ${known.join(', ')}`;
  const got = name === '' ? 'nothing' : show(name);
  return problems.add((context.entries.get(key) ?? context).place, {
    subject: `${key} of the context`,
    expected,
    got,
    ...didYouMean(name, known),
  });
}
