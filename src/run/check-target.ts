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
import { type Check, checkBooks } from './check-books.ts';
import { namedTarget } from './names.ts';
import { openRunningTarget } from './open-target.ts';

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
  const able = FAULTS.filter((fault) => fault.permissions.every((need) => isThere(need, platform)));
  const rights = platform.guard ? await rightsOf(platform.guard, able) : [];
  const left = platform.books ? await checkBooks(platform.books, given) : [];
  platform.close?.();
  return [
    ...parts,
    ...rights,
    ...left,
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

const ACTS = ['links', 'instances', 'kafka', 'redis', 'http'] as const;

/** Pods can be ended and not stopped: there the name of the act decides, not only its kind. */
function isThere(need: string, platform: Platform): boolean {
  const kind = ACTS.find((act) => need.startsWith(`${act}.`));
  if (kind === undefined || platform[kind] === undefined) return false;
  return platform.handle.platform !== 'kubernetes' || isOffered(need);
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
