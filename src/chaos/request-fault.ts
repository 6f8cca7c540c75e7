/** What faults on requests share: their links and probes, the proof by the proxy's own count of requests, and the way back. */
import { randomUUID } from 'node:crypto';
import type { HttpActs, HttpFault } from '../core/platform.ts';
import type { ProbeSample } from '../core/samples.ts';
import { type EpochMs, epochMs, formatMs, type Ms, ms } from '../core/units.ts';
import type { Evidence, Expectation, Proof, RemovalState } from './fault.ts';
import { median, type Onset, onsetOf, type ProbeView, sayLast, together } from './sight.ts';

/** Everything of the fault but its lease. */
export type RequestAct = Omit<HttpFault, 'ttlMs'>;

export type RequestUndo = {
  readonly id: string;
  readonly links: readonly string[];
  /** Faults of others that were there before, which are not ours to end. */
  readonly before: readonly string[];
};

/** How much of the delay must be there; the rest is room for the probe's own noise. */
const SHARE = 0.8;

export const requestFaultId = (fault: string): string => `${fault}-${randomUUID()}`;

/** @param probed every request of the probe is hit: then both of its connections must show it. */
export const expectHits = (act: RequestAct, probed: boolean): Expectation => ({
  text: `requests are ${doneTo(act)}${probed ? ', those of both probe connections too' : ', by the count of the proxy'}`,
  looks: ['requests'],
  judge: (evidence) => judge(act, probed, evidence),
  isOver: (sample, baseline) => sample.ok && (!probed || !isLate(act, sample, baseline.fresh)),
});

/** Gone when ours is nowhere, and no link has another one that it did not have before. */
export async function requestsFree(http: HttpActs, undo: RequestUndo): Promise<RemovalState> {
  const { id, links, before } = undo;
  const now = await http.list();
  if (now.some((one) => one.id === id)) return { gone: false, evidence: `${id} is still in place` };
  const foreign = now
    .filter((one) => !before.includes(one.id) && one.links.some((link) => links.includes(link)))
    .map((one) => one.id);
  if (foreign.length > 0)
    return { gone: false, evidence: `not as before: put meanwhile ${foreign.join(', ')}` };
  return { gone: true, evidence: `${id} is gone, requests as before` };
}

function doneTo({ status, delayMs, share }: RequestAct): string {
  const what = [
    ...(delayMs === undefined ? [] : [`delayed by ${formatMs(delayMs)}`]),
    ...(status === undefined ? [] : [`answered with ${status}`]),
  ].join(' and ');
  return share === 1 ? what : `${what} (${Number((share * 100).toFixed(2))}% of them)`;
}

function judge(act: RequestAct, probed: boolean, evidence: Evidence): Proof {
  const isWatched = evidence.since.held.length + evidence.since.fresh.length > 0;
  const said = isWatched
    ? { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) }
    : { held: 'no probe', fresh: 'no probe' };
  const counted = firstHit(act.id, evidence);
  if (counted.kind === 'not-yet') return { kind: 'not-yet', ...said, evidence: counted.text };
  if (!probed) {
    return { kind: 'seen', at: counted.at, boundMs: counted.boundMs, ...said, evidence: counted.text };
  }
  const onsets = (['held', 'fresh'] as const).flatMap((connection): Onset[] => {
    const first = evidence.since[connection].find((one) => shows(act, one, evidence.baseline[connection]));
    return first === undefined ? [] : [onsetOf(first, connection, evidence)];
  });
  if (onsets.length < 2) {
    const text = `${counted.text}; expected both probe connections to be ${doneTo(act)}`;
    return { kind: 'not-yet', ...said, evidence: text };
  }
  return { kind: 'seen', ...together(onsets), ...said, evidence: counted.text };
}

type Counted =
  | { readonly kind: 'not-yet'; readonly text: string }
  | { readonly kind: 'hit'; readonly at: EpochMs; readonly boundMs: Ms; readonly text: string };

/** The first answer of the proxy that counts a hit, and the gap to the answer before it. */
function firstHit(id: string, { appliedAt, looks }: Evidence): Counted {
  let previous = appliedAt;
  let requests = 0;
  for (const look of looks) {
    const state = look.requests?.find((one) => one.id === id);
    if (state === undefined) continue;
    if (state.hits > 0) {
      const text = `${state.hits} of ${state.requests} chosen requests were hit by then`;
      return { kind: 'hit', at: epochMs(look.at), boundMs: ms(look.at - previous), text };
    }
    requests = state.requests;
    previous = look.at;
  }
  const failed = looks.at(-1)?.failed;
  const why = failed === undefined ? '' : `; the proxy does not say: ${failed}`;
  return { kind: 'not-yet', text: `expected a request to be hit, ${requests} were chosen so far${why}` };
}

const shows = (act: RequestAct, sample: ProbeSample, baseline: ProbeView['held']): boolean =>
  act.status === undefined ? isLate(act, sample, baseline) : sample.outcome === `http-${act.status}`;

function isLate(act: RequestAct, sample: ProbeSample, baseline: ProbeView['held']): boolean {
  if (act.delayMs === undefined) return false;
  const usual = median(baseline.map((one) => one.tookMs));
  const least = SHARE * (act.delayMs - (act.jitterMs ?? 0));
  return sample.outcome.startsWith('stalled') || sample.tookMs >= usual + least;
}
