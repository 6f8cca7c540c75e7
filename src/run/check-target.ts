/** `gauntlet doctor --target`: asks every part of a target one question, on a fresh connection, and says what it may allow. */
import type { Fault } from '../chaos/fault.ts';
import { FAULTS } from '../chaos/registry.ts';
import { messageOf } from '../core/errors.ts';
import type { Platform, PlatformGuard } from '../core/platform.ts';
import type { Topology } from '../core/topology.ts';
import { formatMs, ms } from '../core/units.ts';
import { isOffered } from '../kube/permissions.ts';
import { monotonicClock } from '../system/monotonic-clock.ts';
import type { Places } from '../system/places.ts';
import { createProbe, probeNames } from '../targets/probes/create-probe.ts';
import { lackingMeans } from './check-means.ts';
import { namedTarget } from './names.ts';
import { openRunningTarget } from './open-target.ts';

export interface Check {
  readonly ok: boolean;
  readonly subject: string;
  readonly detail: string;
}

const DEADLINE = ms(3000);

export async function checkTarget(given: string, places: Places): Promise<readonly Check[]> {
  const target = namedTarget(given);
  let opened: Awaited<ReturnType<typeof openRunningTarget>>;
  try {
    opened = await openRunningTarget(target, places);
  } catch (error) {
    return [{ ok: false, subject: `target ${target.name}`, detail: messageOf(error) }];
  }
  const parts = await Promise.all(
    probeNames(opened.probeTopology).map((name) => ask(name, opened.probeTopology)),
  );
  const { platform } = opened;
  const offered = FAULTS.filter((fault) => fault.permissions.every((need) => isThere(need, platform)));
  const refused = await refusedHere(platform, offered);
  const able = offered.filter((fault) => !refused.some((one) => one.subject === fault.name));
  const rights = platform.guard ? await rightsOf(platform.guard, able) : [];
  platform.close?.();
  return [
    ...parts,
    ...rights,
    ...refused,
    {
      ok: true,
      subject: 'policy',
      detail: target.policy.optIn ? 'faults are allowed (optIn)' : 'no fault is allowed (optIn is not true)',
    },
    {
      ok: true,
      subject: 'faults that work here',
      detail: able.map((fault) => fault.name).join(', ') || 'none',
    },
  ];
}

const ACTS = ['links', 'instances', 'kafka', 'redis', 'http', 'stress', 'memory'] as const;

/** Pods can be ended and not stopped: there the name of the act decides, not only its kind. */
function isThere(need: string, platform: Platform): boolean {
  const kind = ACTS.find((act) => need.startsWith(`${act}.`));
  if (kind === undefined || platform[kind] === undefined) return false;
  return platform.handle.platform !== 'kubernetes' || isOffered(need);
}

/** Faults whose acts are there, but not the means of this machine: no failure of the target, and not to be found out later. */
async function refusedHere(platform: Platform, offered: readonly Fault[]): Promise<readonly Check[]> {
  let lacking: Awaited<ReturnType<typeof lackingMeans>>;
  try {
    lacking = await lackingMeans(platform);
  } catch (error) {
    return [{ ok: false, subject: 'means of this machine', detail: messageOf(error) }];
  }
  return [...lacking].flatMap(([kind, why]) =>
    offered
      .filter((fault) => fault.permissions.some((need) => need.startsWith(`${kind}.`)))
      .map((fault) => ({ ok: true, subject: fault.name, detail: `refused on this machine: ${why}` })),
  );
}

/** What the user may not do there that these faults need; one line when nothing is missing. */
async function rightsOf(guard: PlatformGuard, faults: readonly Fault[]): Promise<readonly Check[]> {
  const acts = [...new Set(faults.flatMap((fault) => fault.permissions))];
  try {
    const missing = await guard.refusals([], acts);
    if (missing.length === 0) return [{ ok: true, subject: 'rights', detail: 'all that these faults need' }];
    return missing.map((one) => ({ ok: false, subject: one.subject, detail: `${one.expected}: ${one.got}` }));
  } catch (error) {
    return [{ ok: false, subject: 'rights', detail: messageOf(error) }];
  }
}

async function ask(name: string, topology: Topology): Promise<Check> {
  const probe = createProbe(name, topology, monotonicClock);
  try {
    const sample = await probe.send('fresh', DEADLINE);
    const detail = sample.ok ? `answers in ${formatMs(sample.tookMs)}` : sample.outcome;
    return { ok: sample.ok, subject: name, detail };
  } finally {
    probe.close();
  }
}
