/**
 * The state of a target's own link proxy, as a file: it exists, complete, from when every link listens until
 * the proxy is stopped.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CarriedLink } from '../../core/carried-link.ts';
import type { Holder } from '../holder.ts';
import type { Places } from '../places.ts';

export interface ProxyState {
  readonly schema: 'gauntlet.proxy/1';
  /** The target's own identity. */
  readonly identity: string;
  readonly proxy: Holder;
  readonly controlSocket: string;
  readonly links: readonly CarriedLink[];
}

export interface ProxyPaths {
  readonly folder: string;
  readonly state: string;
  readonly config: string;
  readonly log: string;
  readonly lock: string;
  readonly socket: string;
}

/** A unix socket's path has at most 107 bytes. */
const SOCKET_PATH_MAX = 100;

/** One proxy per identity: two target files for one system have the same. */
export function proxyPaths(places: Places, identity: string): ProxyPaths {
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const folder = join(places.state, 'proxies', key);
  const inside = join(folder, 'control.sock');
  return {
    folder,
    state: join(folder, 'proxy.json'),
    config: join(folder, 'config.json'),
    log: join(folder, 'proxy.log'),
    lock: join(places.state, 'proxies', `${key}.lock`),
    socket:
      inside.length <= SOCKET_PATH_MAX
        ? inside
        : join(tmpdir(), `gauntlet-proxy-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`),
  };
}

/** Undefined: there is none, or it is not whole. */
export function readProxyState(path: string): ProxyState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProxyState;
  } catch {
    return undefined;
  }
}

/** Whether the proxy carries exactly these links. */
export const carries = (state: ProxyState, links: readonly CarriedLink[]): boolean =>
  JSON.stringify(state.links) === JSON.stringify(links);
