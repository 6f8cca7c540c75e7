/**
 * When a fault on a link counts as proven. Where probes cross the link, they must observe it on both
 * connections. Everywhere, the link's own counters must show the effect on real traffic: an accepted act on
 * an unused link is no proof.
 */
import { isStalled, type ProbeSample } from '../../../core/samples.ts';
import { formatMs } from '../../../core/units.ts';
import type { Evidence, Fault, Proof } from '../../fault.ts';
import { onBoth, sayLast } from '../../observation.ts';
import { sayConnections } from './held-connections.ts';
import { countEffect } from './link-counts.ts';
import type { LinkAct, LinkUndo } from './link-impairment.ts';
import { tally } from './link-tally.ts';
import { isFastAgain, judgeSlower, SHARE } from './slow-proof.ts';
import { latencyOf } from './throttle.ts';

/** For `gauntlet faults`, after what the counters must show. */
export const LINK_PROOF =
  "The link's own counters must show it on real traffic: on an unused or bypassed link nothing is proven. A probe that crosses " +
  'the link must show it on a held and on a fresh connection. Without counters, such probes alone decide.';

/** For faults whose effect is over with the first good answer. */
export const seenOnLink =
  (text: string): Fault<never, LinkAct, LinkUndo>['expect'] =>
  (plan) => ({
    text,
    observe: ['links'],
    judge: (evidence) => judgeLink(plan.act, plan.probes, evidence),
  });

/** For faults that slow links. @param text from the least that each link must hold bytes longer. */
export const heldOnLink =
  (text: (least: string) => string): Fault<never, LinkAct, LinkUndo>['expect'] =>
  (plan) => {
    const slowerMs = latencyOf(plan.act.effect);
    return {
      ...seenOnLink(text(formatMs(SHARE * slowerMs)))(plan),
      ...(slowerMs > 0 && { isOver: (sample, baseline) => isFastAgain(sample, baseline, slowerMs) }),
    };
  };

/** @param probes empty when no probe crosses the link. */
export function judgeLink(act: LinkAct, probes: readonly string[], evidence: Evidence): Proof {
  const said =
    probes.length === 0
      ? withoutProbe(act, evidence)
      : { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) };
  if (isUncountedIn(act, evidence)) return judgeByProbes(act, probes, said, evidence);
  const counted = countEffect(act.links, act.effect, evidence);
  if (counted.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: counted.text };
  const { effect } = act;
  // The size of a probe's answer is unknown here: for a bandwidth alone, only the link's counters can decide.
  const slowerMs = latencyOf(effect);
  if (probes.length === 0 || (effect.kind === 'throttle' && slowerMs === 0)) {
    return { kind: 'seen', at: counted.at, boundMs: counted.boundMs, ...said, evidence: counted.text };
  }
  if (effect.kind === 'throttle') return judgeSlower(evidence, slowerMs);
  const isHit = (one: ProbeSample): boolean => !one.ok && isStalled(one) === (effect.kind === 'cut');
  const onsets = onBoth(probes, evidence, isHit);
  if (onsets === undefined) {
    const want = effect.kind === 'cut' ? 'stall' : 'be reset';
    const text = `${counted.text}; expected the held and the fresh connection to ${want}`;
    return { kind: 'not-yet', ...said, evidence: text };
  }
  return { kind: 'seen', ...onsets, ...said, evidence: counted.text };
}

function withoutProbe(
  act: LinkAct,
  { snapshots }: Evidence,
): { readonly held: string; readonly fresh: string } {
  const last = snapshots.flatMap((snapshot) => tally(act.links, snapshot)).at(-1);
  if (last?.held === undefined) return { held: 'no probe', fresh: 'no probe' };
  return sayConnections(last.held, last.connections, last.waiting);
}

const isUncountedIn = (act: LinkAct, { snapshots, snapshotsBefore }: Evidence): boolean =>
  [...snapshotsBefore, ...snapshots].some((snapshot) =>
    snapshot.links?.some((link) => act.links.includes(link.name) && link.seenBy !== undefined),
  );

/**
 * No counters: the platform's report on its own act is no proof, so a probe that crosses the link must
 * observe it. A probe on the link itself stalls in a cut; one behind a service that needs the link gets that
 * service's error.
 */
function judgeByProbes(
  act: LinkAct,
  probes: readonly string[],
  said: { readonly held: string; readonly fresh: string },
  evidence: Evidence,
): Proof {
  if (probes.length === 0) {
    const text = 'no probe of Gauntlet crosses this link';
    return { kind: 'not-yet', ...said, evidence: text };
  }
  if (act.effect.kind === 'throttle') return judgeSlower(evidence, latencyOf(act.effect));
  const isOwn = (probe: string): boolean => act.links.includes(`probe->${probe}`);
  const onsets = onBoth(probes, evidence, (one) => !one.ok && (!isOwn(one.probe) || isStalled(one)));
  const who = probes.join(', ');
  if (onsets === undefined) {
    const text = `expected the held and the fresh connection of ${who} to fail`;
    return { kind: 'not-yet', ...said, evidence: text };
  }
  return {
    kind: 'seen',
    ...onsets,
    ...said,
    evidence: `the platform reports it in place, and ${who} sees it on both connections`,
  };
}
