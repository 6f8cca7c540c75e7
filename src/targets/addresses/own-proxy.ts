/**
 * The proxy that carries the links of a target without a platform: started by a user, because services that
 * dial through it need it while no run is going on. It is a process of its own and outlives its caller.
 */
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkState } from '../../core/acts/link-acts.ts';
import { formatAddress } from '../../core/address.ts';
import type { CarriedLink } from '../../core/carried-link.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { callControl } from '../../system/control-socket.ts';
import { fateOf, sayHolder } from '../../system/holder.ts';
import { carries, type ProxyPaths, type ProxyState, readProxyState } from '../../system/link-proxy/state.ts';
import { tryLock } from '../../system/lock.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { isAlive } from '../../system/proc.ts';
import { startDetached } from '../../system/start-detached.ts';

const STOP_TIMEOUT_MS = 5000;
const POLL_MS = 20;

export interface OwnProxy {
  readonly identity: string;
  readonly paths: ProxyPaths;
  readonly links: readonly CarriedLink[];
}

/** The proxy that is up. Undefined: none. @throws refused when its process cannot be observed from here. */
export function findProxy({ identity, paths }: Pick<OwnProxy, 'identity' | 'paths'>): ProxyState | undefined {
  const state = readProxyState(paths.state);
  if (state === undefined) return undefined;
  const fate = fateOf(state.proxy, paths.state);
  if (fate === 'alive') return state;
  if (fate === 'dead') return undefined;
  const expected = 'a proxy whose process is visible from here';
  throw refused({ subject: `proxy of ${identity}`, expected, got: sayHolder(state.proxy) });
}

/**
 * Starts it, or finds it running with the same links. `started` is false then.
 * @throws refused when it carries other links; unavailable with every address that it cannot listen on.
 */
export async function startOwnProxy(
  own: OwnProxy,
): Promise<{ readonly state: ProxyState; readonly started: boolean }> {
  const { identity, paths, links } = own;
  const subject = `proxy of ${identity}`;
  const lock = tryLock(paths.lock, 'starting the proxy');
  if (!lock.held) throw refused({ subject, expected: 'no other start of it', got: lock.words });
  try {
    const running = findProxy(own);
    if (running !== undefined) {
      if (carries(running, links)) return { state: running, started: false };
      const got = `one that carries ${running.links.map(sayLink).join('; ')}`;
      const next = 'Stop it with gauntlet proxy down, and start it again.';
      throw refused({ subject, expected: 'a proxy with the links of the target file', got, next });
    }
    makeFolder(paths.folder, 0o700);
    writeFileSync(paths.config, JSON.stringify(configOf(own)), { mode: 0o600 });
    await spawnProxy(subject, paths);
    const state = findProxy(own);
    if (state === undefined) throw ended(subject, paths);
    return { state, started: true };
  } finally {
    lock.release();
  }
}

/** False: none was up. @throws refused while a fault is in place on it; unavailable when it does not end. */
export async function stopOwnProxy(own: Pick<OwnProxy, 'identity' | 'paths'>): Promise<boolean> {
  const state = findProxy(own);
  if (state !== undefined) {
    const impaired = (await linksNow(state)).filter((one) => one.impairedBy.length > 0);
    if (impaired.length > 0) {
      const got = `one on ${impaired.map((one) => one.name).join(', ')}`;
      const next = 'It ends with its run, or by: gauntlet recover';
      throw refused({ subject: `proxy of ${own.identity}`, expected: 'no fault in place', got, next });
    }
    const { pid, startTicks } = state.proxy;
    process.kill(pid, 'SIGTERM');
    const deadline = performance.now() + STOP_TIMEOUT_MS;
    while (isAlive(pid, startTicks)) {
      if (performance.now() > deadline) {
        const expected = `to be gone after ${STOP_TIMEOUT_MS / 1000} s`;
        const problem = { subject: `proxy (pid ${pid})`, expected, got: 'a process that is still there' };
        throw new GauntletError('unavailable', [problem]);
      }
      await sleep(POLL_MS);
    }
  }
  rmSync(own.paths.folder, { recursive: true, force: true });
  rmSync(own.paths.socket, { force: true });
  return state !== undefined;
}

export const linksNow = (state: ProxyState): Promise<readonly LinkState[]> =>
  callControl<LinkState[]>(state.controlSocket, 'GET', '/links');

const configOf = ({ identity, paths, links }: OwnProxy): unknown => {
  const state: Omit<ProxyState, 'proxy'> = {
    ...{ schema: 'gauntlet.proxy/1', identity, links },
    controlSocket: paths.socket,
  };
  return {
    state,
    controlSocket: paths.socket,
    links: links.map(({ name, from, to, listen, dial }) => ({
      ...{ name, from, to, listen },
      // Whether the server is up is for its caller to find out, as without a proxy.
      upstreams: [{ instance: to, ...dial, ready: true }],
    })),
  };
};

/** @returns when every link listens and its state file is there. */
async function spawnProxy(subject: string, paths: ProxyPaths): Promise<void> {
  const log = openSync(paths.log, 'w', 0o600);
  const started = startDetached('packages/link-proxy/src/main', [paths.config, paths.state], log);
  closeSync(log);
  if (!(await started)) throw ended(subject, paths);
}

function ended(subject: string, paths: ProxyPaths): GauntletError {
  const got = readFileSync(paths.log, 'utf8').trim() || 'an end without a word';
  const next = 'Choose another listen address, or stop what listens there.';
  return new GauntletError('unavailable', [{ subject, expected: 'to listen on every link', got, next }]);
}

export const sayLink = ({ name, listen, dial }: CarriedLink): string =>
  `${name} on ${formatAddress(listen)} to ${formatAddress(dial)}`;

const refused = (problem: Problem): GauntletError => new GauntletError('refused', [problem]);
