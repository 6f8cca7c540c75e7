/**
 * `gauntlet doctor --target`: asks every part of a target one question, on a fresh connection, and reports
 * what its policy allows.
 */
import type { Fault } from '../chaos/fault.ts';
import { FAULTS } from '../chaos/faults/registry.ts';
import type { TargetFile } from '../config/read-target.ts';
import { type ActGroup, type ActName, groupOf } from '../core/acts/act-names.ts';
import type { Platform, PlatformGuard } from '../core/acts/platform.ts';
import { formatProblem, messageOf } from '../core/errors.ts';
import type { FaultSupport } from '../core/fault-support.ts';
import { insecureText } from '../core/insecure-text.ts';
import { seededRng } from '../core/rng.ts';
import { sayAuth } from '../core/target-auth.ts';
import type { AddressAt, Topology } from '../core/topology.ts';
import { formatMs, ms } from '../core/units.ts';
import { sayAccess } from '../kube/client/cluster-access.ts';
import { isOffered } from '../kube/guard/permissions.ts';
import { probeNamed } from '../protocols/asks.ts';
import { ServerWord } from '../protocols/line/line.ts';
import type { ProtocolFile } from '../protocols/line/protocol.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { createProbe, probeNames } from '../targets/probes/create-probe.ts';
import { tlsAdvice } from '../targets/tls-advice.ts';
import { otherAsks } from './open/check-asks.ts';
import { type Check, checkClusterJournal } from './open/check-cluster-journal.ts';
import { protectedProblems } from './open/check-names.ts';
import { checkRegistries } from './open/check-registries.ts';
import { checkReplicas } from './open/check-replicas.ts';
import { faultSupport } from './open/fault-support.ts';
import { keepAccess } from './open/keep-access.ts';
import { namedTarget } from './open/names.ts';
import { openRunningTarget } from './open/open-target.ts';
import type { OpenTarget } from './open/opened.ts';
import { liftedText, protectionText } from './open/protection-text.ts';
import { openToken, TRY_MS } from './open/run-token.ts';
import { insecureIn } from './plan/load-tls.ts';
import { plainLogins } from './plan/plain-logins.ts';

const DEADLINE = ms(3000);

type Env = Readonly<Record<string, string | undefined>>;

export interface TargetReport {
  readonly target: string;
  readonly isSandbox: boolean;
  readonly checks: readonly Check[];
  /** Null: the target cannot be opened, so no fault could be planned. */
  readonly faults: readonly FaultSupport[] | null;
}

export async function checkTarget(given: string, places: Places, env: Env): Promise<TargetReport> {
  const target = namedTarget(given);
  const isSandbox = target.platform === 'sandbox';
  let opened: Awaited<ReturnType<typeof openRunningTarget>>;
  let token: readonly Check[] = [];
  let closeToken = async (): Promise<void> => undefined;
  try {
    keepAccess(target, env);
    [token, closeToken] = await checkToken(target, env);
    opened = await openRunningTarget(target, places);
  } catch (error) {
    const check = { ok: false, subject: `target ${target.name}`, detail: messageOf(error) };
    await closeToken();
    return { target: target.name, isSandbox, checks: [...token, check], faults: null };
  }
  try {
    const { platform, timers } = opened;
    const able = FAULTS.flatMap((fault) => ableOn(fault, platform));
    const left = platform.clusterJournal ? await checkClusterJournal(platform.clusterJournal, given) : [];
    const { caution } = platform.links ?? {};
    const links = caution === undefined ? [] : [{ ok: true, subject: 'links', detail: caution }];
    const { kubernetes, identity } = platform.handle;
    const cluster = kubernetes
      ? [
          clusterCheck(identity, kubernetes.cluster !== undefined),
          { ok: true, subject: 'identity', detail: sayAccess(kubernetes) },
        ]
      : [];
    const { optIn } = target.policy;
    const detail = optIn ? 'faults are allowed (optIn)' : 'no fault is allowed (optIn is not true)';
    // Any seed will do: the victim is drawn again when a fault fires.
    const world = { platform, clock: monotonicClock, rng: seededRng(0), timers };
    return {
      target: target.name,
      isSandbox,
      checks: [
        ...[...cluster, ...(await checkOpened(target, opened, able)), ...left, ...links],
        ...(await checkReplicas(platform)),
        ...token,
        ...otherAsks(opened.probeTopology),
        ...(await checkRegistries(target)),
        ...insecureChecks(target, opened.probeTopology),
        { ok: true, subject: 'policy', detail },
        {
          ok: true,
          subject: 'protected',
          detail: `${protectionText(target.policy)}${liftedText(target.policy)}`,
        },
      ],
      faults: await faultSupport(world, target.policy),
    };
  } finally {
    await opened.close();
    await closeToken();
  }
}

/** Of a target that sends one: a wrong secret is seen here, and not by a run. */
async function checkToken(
  target: TargetFile,
  env: Env,
): Promise<[readonly Check[], close: () => Promise<void>]> {
  const { auth } = target;
  if (auth === undefined) return [[], async () => undefined];
  try {
    const { close } = await openToken(target, env, AbortSignal.timeout(TRY_MS));
    return [[{ ok: true, subject: 'token', detail: sayAuth(auth) }], close];
  } catch (error) {
    return [[{ ok: false, subject: 'token', detail: messageOf(error) }], async () => undefined];
  }
}

/**
 * The checks that decide whether a campaign can be run on a target that is open: its parts answer, the rights
 * for these faults are there, and its names are those of the target.
 */
export async function checkOpened(
  target: TargetFile,
  { platform, probeTopology }: Pick<OpenTarget, 'platform' | 'probeTopology'>,
  faults: readonly Fault[],
): Promise<readonly Check[]> {
  const parts = await Promise.all(probeNames(probeTopology).map((name) => ask(name, probeTopology)));
  const rights = platform.guard ? await rightsOf(platform.guard, faults) : [];
  const wrong = (await protectedProblems(target, platform)).map(({ place: _, subject, ...problem }) => ({
    ok: false,
    subject,
    detail: formatProblem({ subject, ...problem }).slice(subject.length + 2),
  }));
  return [...parts, ...rights, ...wrong];
}

function insecureChecks({ registries }: TargetFile, topology: Topology): readonly Check[] {
  const found = [
    insecureText(insecureIn(topology, registries)) ?? [],
    plainLogins(topology, registries),
  ].flat();
  return found.map((detail) => ({ ok: true, subject: 'WARNING', detail }));
}

/** The setting that prevents a target file from acting on another cluster, ready to be copied into it. */
function clusterCheck(identity: string, isNamed: boolean): Check {
  const known = identity.replace(/^kubernetes:/, '');
  const subject = 'cluster';
  if (isNamed) return { ok: true, subject, detail: `${known}, as in the target file` };
  const detail = /^[0-9a-f-]{36}$/.test(known)
    ? `${known}; to refuse every other cluster, write kubernetes: { cluster: ${known} } into the target file`
    : `known only by its address ${known}, which another cluster can have; reading its uid requires get on namespace kube-system`;
  return { ok: true, subject, detail };
}

const ACTS = [
  'links',
  'instances',
  'kafka',
  'redis',
  'http',
  'stress',
  'memory',
] as const satisfies readonly ActGroup[];

/** With the acts that it would use there; nothing where some of them are missing. */
function ableOn(fault: Fault, platform: Platform): readonly Fault[] {
  const ways = [fault.permissions, fault.permissionsByLinks ?? fault.permissions];
  const permissions = ways.find((acts) => acts.every((need) => isThere(need, platform)));
  return permissions === undefined ? [] : [{ ...fault, permissions }];
}

/** Pods can be ended but not stopped: there the act itself decides, not only its group. */
function isThere(need: ActName, platform: Platform): boolean {
  const kind = ACTS.find((group) => group === groupOf(need));
  const isRedis = kind === 'redis' && platform.redisGroups !== undefined;
  if (kind === undefined || (platform[kind] === undefined && !isRedis)) return false;
  if (need === 'redis.keptConnection') return platform.redis?.keptConnection === true;
  const { kubernetes } = platform.handle;
  return kubernetes === undefined || isOffered(need, kubernetes.chaosMesh && 'chaos-mesh');
}

/** Permissions that the user lacks for these faults; one line when none is missing. */
async function rightsOf(guard: PlatformGuard, faults: readonly Fault[]): Promise<readonly Check[]> {
  const acts = [...new Set(faults.flatMap((fault) => fault.permissions))];
  try {
    const missing = await guard.refusals([], acts);
    if (missing.length === 0)
      return [{ ok: true, subject: 'rights', detail: 'all permissions that these faults need' }];
    return missing.map((one) => ({ ok: false, subject: one.subject, detail: `${one.expected}: ${one.got}` }));
  } catch (error) {
    return [{ ok: false, subject: 'rights', detail: messageOf(error) }];
  }
}

async function ask(name: string, topology: Topology): Promise<Check> {
  const probe = createProbe(name, topology, monotonicClock);
  try {
    const { service, endpoint, at, protocol } = probeNamed(name, topology);
    const members = await membersAt(protocol, at);
    if (members?.ok === false) return { ...members, subject: name };
    const { ok, outcome, tookMs } = await probe.send('fresh', DEADLINE);
    const who = members === null ? '' : `, ${members.detail}`;
    if (ok) return { ok, subject: name, detail: `answers in ${formatMs(tookMs)}${who}` };
    const advice = await tlsAdvice(service, endpoint.protocol, at, outcome);
    return { ok, subject: name, detail: advice === null ? outcome : `${outcome}. ${advice}` };
  } finally {
    probe.close();
  }
}

/** Who is behind an address that stands for several servers; a wrong list is said before it is used. */
async function membersAt(protocol: ProtocolFile, at: AddressAt): Promise<Omit<Check, 'subject'> | null> {
  try {
    const detail = await (protocol.members?.(at, DEADLINE) ?? null);
    return detail === null ? null : { ok: true, detail };
  } catch (error) {
    if (!(error instanceof ServerWord)) return null;
    return { ok: false, detail: [error.got, error.next ?? ''].join('. ').trim() };
  }
}
