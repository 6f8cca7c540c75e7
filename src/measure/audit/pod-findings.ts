/** What a single pod shows. The most specific kind is named; what only follows from it is not. */
import type { ContainerView, PodView } from '../../core/acts/audit-acts.ts';
import type { AuditKind, AuditObject, AuditRules } from '../../core/audit.ts';
import type { EpochMs } from '../../core/units.ts';
import { endText, loopOf } from './restart-loop.ts';

export interface FoundInPod {
  readonly kind: AuditKind;
  readonly object: AuditObject;
}

const IMAGE: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
]);
const OUT_OF_MEMORY = 'OOMKilled';

export function podFindings(pod: PodView, at: EpochMs, rules: AuditRules): readonly FoundInPod[] {
  const found = (kind: AuditKind, why: string, since: EpochMs | null, id = pod.uid): FoundInPod => ({
    kind,
    object: { name: pod.name, id, why, since },
  });
  const killed = pod.containers.flatMap((one) => memoryEnd(one, pod.uid, found));
  if (pod.goneBy !== null) return [...killed, ...leaving(pod, at, rules, found)];
  if (pod.phase === 'Succeeded') return [];
  if (pod.phase === 'Failed')
    return [...killed, found('not-ready', `failed: ${pod.reason ?? firstEnd(pod)}`, null)];
  const loops = pod.containers.flatMap((one) => loopOf(one, at, rules.restarts) ?? []);
  if (loops.length > 0) return [...killed, found('crash-loop', loops.join('; '), null)];
  const images = pod.containers.filter(({ waiting }) => waiting !== null && IMAGE.has(waiting));
  if (images.length > 0)
    return [...killed, found('image-pull', images.map(sayWaiting).join('; '), pod.createdAt)];
  if (pod.phase === 'Pending')
    return [...killed, found('pending', waitingText(pod) ?? pod.reason ?? 'Pending', pod.createdAt)];
  if (pod.isReady) return killed;
  const why = waitingText(pod) ?? pod.containers.find((one) => one.ended !== null)?.ended;
  const said = typeof why === 'string' ? why : why ? endText(why) : 'Ready is False';
  return [...killed, found('not-ready', said, pod.readySince ?? pod.createdAt)];
}

type Make = (kind: AuditKind, why: string, since: EpochMs | null, id?: string) => FoundInPod;

/** Each kill is a finding of its own: one that happened earlier does not excuse the next. */
function memoryEnd({ name, ended, last }: ContainerView, uid: string, make: Make): readonly FoundInPod[] {
  return [ended, last].flatMap((end) =>
    end?.reason === OUT_OF_MEMORY
      ? [make('out-of-memory', `${name}: ${endText(end)}`, null, `${uid} ${name} ${end.at ?? 'unknown'}`)]
      : [],
  );
}

/** A pod that is being deleted is on its way; one that should be gone by now is stuck. */
const leaving = (
  { goneBy }: PodView,
  at: EpochMs,
  { pendingAfterMs }: AuditRules,
  make: Make,
): readonly FoundInPod[] =>
  goneBy !== null && at - goneBy >= pendingAfterMs
    ? [make('not-ready', 'Terminating, and overdue', goneBy)]
    : [];

const sayWaiting = ({ name, isInit, waiting }: ContainerView): string =>
  `${isInit ? 'init container ' : ''}${name}: ${waiting}`;

const USUAL: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/** The reasons that say most; the usual ones only when there is no other. */
function waitingText({ containers }: PodView): string | null {
  const waiting = containers.filter((one) => one.waiting !== null);
  const telling = waiting.filter((one) => !USUAL.has(one.waiting ?? ''));
  const said = (telling.length > 0 ? telling : waiting.slice(0, 1)).map(sayWaiting);
  return said.length === 0 ? null : said.join('; ');
}

const firstEnd = ({ containers }: PodView): string => {
  const end = containers.find((one) => one.ended !== null && one.ended.exitCode !== 0)?.ended;
  return end ? endText(end) : 'no reason given';
};
