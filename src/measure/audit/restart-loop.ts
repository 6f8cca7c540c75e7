/**
 * Whether a container is in a crash loop. The kubelet waits up to 5 minutes between two starts, so such a
 * container is often "Running", or waits, and its restarts per minute are few. Its record shows the loop:
 * more restarts than are allowed, the run before was short, and it ended a short time ago.
 */
import type { ContainerView, EndView } from '../../core/acts/audit-acts.ts';
import type { AuditReading, AuditRules, PodRestarts } from '../../core/audit.ts';
import type { EpochMs } from '../../core/units.ts';

type Limit = AuditRules['restarts'];

export const BACK_OFF = 'CrashLoopBackOff';

/** Why it is one; null: it is none. */
export function loopOf(container: ContainerView, at: EpochMs, limit: Limit): string | null {
  const { restarts, waiting, ended, last, name } = container;
  const end = ended ?? last;
  const said = `${restarts} ${restarts === 1 ? 'restart' : 'restarts'} of ${name}${end ? `, ${endText(end)}` : ''}`;
  if (waiting === BACK_OFF) return `${BACK_OFF}: ${said}`;
  if (end === null || restarts <= limit.count) return null;
  return wasShort(end, limit) && isRecent(end, at, limit) ? `between two crashes: ${said}` : null;
}

/** `last end OOMKilled (137)`. */
export const endText = ({ reason, exitCode }: EndView): string => `last end ${reason} (${exitCode})`;

/** Without its instants it cannot be ruled out. */
const wasShort = ({ startedAt, at }: EndView, { perMs }: Limit): boolean =>
  startedAt === null || at === null || at - startedAt < perMs;

const isRecent = ({ at: ended }: EndView, at: EpochMs, { perMs }: Limit): boolean =>
  ended === null || at - ended < perMs;

/** A pod that restarted more often between two audits than the limit allows for that time. */
export interface Rise {
  readonly pod: PodRestarts;
  readonly by: number;
}

/** By uid: a pod that is not in the first audit has restarted as often as it says. */
export function risesBetween(before: AuditReading, after: AuditReading, limit: Limit): readonly Rise[] {
  const earlier = new Map(before.restarts.map((one) => [one.uid, one.count]));
  const allowed = limit.count * Math.max(1, (after.at - before.at) / limit.perMs);
  return after.restarts
    .map((pod) => ({ pod, by: pod.count - (earlier.get(pod.uid) ?? 0) }))
    .filter(({ by }) => by > allowed);
}
