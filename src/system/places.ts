import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where Gauntlet keeps things outside a clone; the CLI resolves it once from the environment. */
export interface Places {
  /** Tools and their archives: can be deleted at any time. `GAUNTLET_CACHE_DIR`, else XDG_CACHE_HOME/gauntlet. */
  readonly cache: string;
  /** Locks, running sandboxes, the index of open journals. `GAUNTLET_STATE_DIR`, else XDG_STATE_HOME/gauntlet. */
  readonly state: string;
  /** The kubeconfig of a target that names none: KUBECONFIG (one path or several), else ~/.kube/config. */
  readonly kubeconfig?: string;
}

export function placesFrom(env: Readonly<Record<string, string | undefined>>): Places {
  const home = env['HOME'] ?? homedir();
  return {
    cache: env['GAUNTLET_CACHE_DIR'] ?? join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'gauntlet'),
    state:
      env['GAUNTLET_STATE_DIR'] ?? join(env['XDG_STATE_HOME'] ?? join(home, '.local', 'state'), 'gauntlet'),
    kubeconfig: env['KUBECONFIG'] || join(home, '.kube', 'config'),
  };
}
