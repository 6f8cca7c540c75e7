import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GauntletError, messageOf } from '../core/errors.ts';

/** Gauntlet's folders outside a clone; the CLI resolves them once from the environment. */
export interface Places {
  /**
   * Tools and their archives: can be deleted at any time. `GAUNTLET_CACHE_DIR`, else XDG_CACHE_HOME/gauntlet.
   */
  readonly cache: string;
  /**
   * Locks, running sandboxes, the index of open journals. `GAUNTLET_STATE_DIR`, else XDG_STATE_HOME/gauntlet.
   */
  readonly state: string;
  /** The kubeconfig of a target that names none: KUBECONFIG (one path or several), else ~/.kube/config. */
  readonly kubeconfig?: string;
  /** The Docker engine of a target that names none: DOCKER_HOST, else /var/run/docker.sock. */
  readonly dockerHost?: string;
  /** The account of the pod that this process runs in. Absent: it runs in none. */
  readonly pod?: { readonly server: string; readonly folder: string };
}

export function placesFrom(env: Readonly<Record<string, string | undefined>>): Places {
  // Empty means unset, as in the XDG rules.
  const given = (name: string): string | undefined => env[name] || undefined;
  const cache = given('GAUNTLET_CACHE_DIR');
  const state = given('GAUNTLET_STATE_DIR');
  const home = given('HOME') ?? homeOfUser();
  return {
    cache: resolve(cache ?? join(given('XDG_CACHE_HOME') ?? join(home, '.cache'), 'gauntlet')),
    state: resolve(state ?? join(given('XDG_STATE_HOME') ?? join(home, '.local', 'state'), 'gauntlet')),
    dockerHost: given('DOCKER_HOST') ?? 'unix:///var/run/docker.sock',
    kubeconfig: given('KUBECONFIG') ?? join(home, '.kube', 'config'),
    ...podOf(given('KUBERNETES_SERVICE_HOST'), given('KUBERNETES_SERVICE_PORT')),
  };
}

/** Where every kubelet mounts it. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

function podOf(host: string | undefined, port: string | undefined): Pick<Places, 'pod'> {
  if (host === undefined || port === undefined) return {};
  const named = host.includes(':') ? `[${host}]` : host;
  return { pod: { server: `https://${named}:${port}`, folder: ACCOUNT } };
}

/** A user id without an entry in /etc/passwd (a container with --user) has no home. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch (error) {
    const problem = {
      subject: 'HOME',
      expected: 'a folder for caches and locks',
      got: `no HOME, and no entry for this user (${messageOf(error)})`,
      next: 'Set HOME to a writable folder.',
    };
    throw new GauntletError('unavailable', [problem], { cause: error });
  }
}
