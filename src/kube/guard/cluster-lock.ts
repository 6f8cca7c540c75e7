/**
 * One run at a time, from any machine: a Lease named `gauntlet` in each namespace of the target, held while a
 * run acts and deleted at its end. Whether a holder is dead is determined by watching its renewals, never by
 * comparing clocks.
 */
import { GauntletError, messageOf } from '../../core/errors.ts';
import { ms } from '../../core/units.ts';
import { fateOf, shortText, thisHolder } from '../../system/holder.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';

export interface ClusterLock {
  /** Aborted when another client has it now, or when it could not be renewed for its whole duration. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

interface LeaseJson {
  readonly metadata?: { readonly resourceVersion?: string; readonly uid?: string };
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

const NAME = 'gauntlet';
const LASTS_S = 15;
const RENEW_MS = ms(5000);
const LOOK_MS = ms(1000);

/**
 * `host pid 4711 4242 at BOOT,pid:[1],time:[2]: inject kill-pod`: for people, and to detect that a process of
 * exactly this place is dead. The host name proves nothing: two runners may both be called localhost.
 */
export function lockHolder(purpose: string): string {
  const { host, pid, startTicks, boot, pidNamespace, timeNamespace } = thisHolder();
  return `${host} pid ${pid} ${startTicks} at ${[boot, pidNamespace, timeNamespace].join(',')}: ${purpose}`;
}

/**
 * Waits up to 15 s for a holder that may be dead. @throws refused when it is alive, or when the signal
 * aborts; ApiError.
 * @param namespaces in one order for every run: sorted, so that two runs cannot wait for each other.
 */
export async function lockCluster(
  client: KubeApi,
  namespaces: readonly string[],
  holder: string,
  signal: AbortSignal,
): Promise<ClusterLock> {
  const lost = new AbortController();
  const ended = new AbortController();
  const held: string[] = [];
  const release = async (): Promise<void> => {
    ended.abort();
    for (const namespace of held.splice(0)) await releaseLease(client, namespace, holder);
  };
  try {
    for (const namespace of namespaces) {
      await acquire(client, namespace, holder, signal);
      held.push(namespace);
    }
  } catch (error) {
    await release().catch(() => undefined);
    throw error;
  }
  for (const namespace of namespaces) void keep(client, namespace, holder, ended.signal, lost);
  return { lost: lost.signal, release };
}

/** Empty when there is no holder. @throws ApiError, ApiUnreachable. */
export async function leaseHolder(client: KubeApi, namespace: string): Promise<string> {
  return (await read(client, namespace))?.spec?.holderIdentity ?? '';
}

/** Idempotent: deletes only a Lease of exactly this holder. */
export async function releaseLease(client: KubeApi, namespace: string, holder: string): Promise<void> {
  const lease = await read(client, namespace);
  if (lease?.spec?.holderIdentity !== holder) return;
  const { uid, resourceVersion } = lease.metadata ?? {};
  try {
    await client.ask({
      method: 'DELETE',
      path: `${pathOf(namespace)}/${NAME}`,
      what: `release the lease in ${namespace}`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } },
    });
  } catch (error) {
    // Gone already, or another client's by now.
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}

async function acquire(
  client: KubeApi,
  namespace: string,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  let first: LeaseJson | undefined;
  const until = monotonicClock.now() + LASTS_S * 1000;
  for (;;) {
    const lease = await read(client, namespace);
    const theirs = lease?.spec?.holderIdentity ?? '';
    const isLeft = theirs === '' || isDeadHere(theirs);
    // Also when the time is over: when two wait for a dead holder, the second must not take it from the
    // first.
    if (!isLeft && first !== undefined && versionOf(first) !== versionOf(lease)) {
      throw taken(namespace, theirs, lease);
    }
    const isFree = isLeft || monotonicClock.now() > until;
    if (isFree && (await write(client, namespace, holder, lease))) return;
    first ??= lease;
    if (!isFree) await monotonicClock.sleep(LOOK_MS, signal);
  }
}

const versionOf = (lease: LeaseJson | undefined): string | undefined => lease?.metadata?.resourceVersion;

/** `box (pid 4711): run demo`. */
const sayLeaseHolder = (holder: string): string =>
  shortText(holder.replace(/ pid (\d+) \d+(?: at \S+)?:/, ' (pid $1):'));

function taken(namespace: string, holder: string, lease: LeaseJson | undefined): GauntletError {
  const subject = `namespace ${namespace}`;
  const got = `${sayLeaseHolder(holder)}, since ${lease?.spec?.acquireTime ?? 'some time'}`;
  const problem = { subject, expected: 'no other active run on this namespace', got };
  return new GauntletError('refused', [{ ...problem, next: 'Wait until it ends.' }]);
}

/**
 * A process of this boot and pid namespace that ended without releasing. For any other holder only the
 * Lease's own time counts.
 */
function isDeadHere(holder: string): boolean {
  const [, host = '', pid, startTicks = '', place] = /^(\S+) pid (\d+) (\d+) at (\S+): /.exec(holder) ?? [];
  const [boot = '', pidNamespace = '', timeNamespace = ''] = place?.split(',') ?? [];
  // Without a machine id a reboot never releases a Lease: no folder of a single kernel proves anything about
  // it.
  const known = { boot, pidNamespace, timeNamespace, machine: '', host, since: '' };
  return place !== undefined && fateOf({ ...known, pid: Number(pid), startTicks }, '') === 'dead';
}

async function keep(
  client: KubeApi,
  namespace: string,
  holder: string,
  ended: AbortSignal,
  lost: AbortController,
): Promise<void> {
  let renewedAt = monotonicClock.now();
  while (!ended.aborted && !lost.signal.aborted) {
    await monotonicClock.sleep(RENEW_MS, ended).catch(() => undefined);
    if (ended.aborted) return;
    try {
      const lease = await read(client, namespace);
      const theirs = lease?.spec?.holderIdentity ?? 'nobody';
      if (theirs !== holder)
        lost.abort(new Error(`the lease in namespace ${namespace} is held by ${sayLeaseHolder(theirs)}`));
      else if (await write(client, namespace, holder, lease)) renewedAt = monotonicClock.now();
    } catch (error) {
      if (monotonicClock.now() - renewedAt < LASTS_S * 1000) continue;
      lost.abort(new Error(`the lease in namespace ${namespace} could not be renewed: ${messageOf(error)}`));
    }
  }
}

const pathOf = (namespace: string): string =>
  `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;

async function read(client: KubeApi, namespace: string): Promise<LeaseJson | undefined> {
  const what = `get lease ${NAME} in ${namespace}`;
  try {
    return (await client.ask<LeaseJson>({ method: 'GET', path: `${pathOf(namespace)}/${NAME}`, what })).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** False when another client was faster: the version that was read decides. */
async function write(
  client: KubeApi,
  namespace: string,
  holder: string,
  before: LeaseJson | undefined,
): Promise<boolean> {
  const now = new Date().toISOString().replace('Z', '000Z');
  const mine = before?.spec?.holderIdentity === holder ? before.spec.acquireTime : undefined;
  const version = versionOf(before);
  const body = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NAME, namespace, ...(version !== undefined && { resourceVersion: version }) },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: LASTS_S,
      acquireTime: mine ?? now,
      renewTime: now,
    },
  };
  const what = `write lease ${NAME} in ${namespace}`;
  const path = before === undefined ? pathOf(namespace) : `${pathOf(namespace)}/${NAME}`;
  try {
    await client.ask({ method: before === undefined ? 'POST' : 'PUT', path, what, body });
    return true;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 409 || error.status === 404)) return false;
    throw error;
  }
}
