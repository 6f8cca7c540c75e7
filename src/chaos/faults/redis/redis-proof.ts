/**
 * When a fault inside Redis counts as proven: the affected commands fail, on their connection and with the
 * predicted word, and the unaffected ones get good answers after that. A dead server shows the first and
 * never the second.
 */
import type { ProbeSample } from '../../../core/samples.ts';
import type { Evidence, Proof } from '../../fault.ts';
import { type Onset, onsetOf, sayLast, together } from '../../observation.ts';

/** The probe of its answers, or that of its writes. */
export type RedisProbe = 'answers' | 'writes';

export const probeOf = (service: string, probe: RedisProbe): string =>
  probe === 'answers' ? service : `${service}:write`;

export interface ProbeConnection {
  readonly probe: RedisProbe;
  readonly connection: 'held' | 'fresh';
}

type ConnectionFailure = 'stalled' | 'reset';

/** The start of Redis' own error: its code, and the words after it where the code is too general. */
interface RedisError {
  readonly error: string;
}

export interface RedisExpectation {
  /** Each in any of its forms. */
  readonly hit: readonly (ProbeConnection & { readonly as: readonly (ConnectionFailure | RedisError)[] })[];
  readonly spared: readonly ProbeConnection[];
  /** The expectation, for people; also the evidence when it was observed. */
  readonly text: string;
}

/** @param service the one whose probes decide. */
export function judgeRedis(service: string, expected: RedisExpectation, evidence: Evidence): Proof {
  const of = (probe: RedisProbe): Evidence => only(evidence, probeOf(service, probe));
  const main = of(expected.hit[0]?.probe ?? 'answers');
  const said = { held: sayLast(main.since.held), fresh: sayLast(main.since.fresh) };
  const onsets = expected.hit.flatMap(({ probe, connection, as }): Onset[] => {
    const seen = of(probe);
    const first = seen.since[connection].find((one) => as.some((form) => isSeenAs(form, one)));
    return first === undefined ? [] : [onsetOf(first, connection, seen)];
  });
  if (onsets.length < expected.hit.length) {
    return { kind: 'not-yet', ...said, evidence: `expected ${expected.text}` };
  }
  const lastHit = Math.max(...onsets.map((one) => one.sample.at));
  const lost = expected.spared.filter(({ probe, connection }) => {
    const after = of(probe).since[connection].filter((one) => one.at > lastHit);
    return after.at(-1)?.ok !== true;
  });
  if (lost.length > 0) {
    const names = lost.map((one) => `${one.connection} ${probeOf(service, one.probe)}`).join(', ');
    const text = `expected ${expected.text}; no good answer since on ${names}`;
    return { kind: 'not-yet', ...said, evidence: text };
  }
  return { kind: 'seen', ...together(onsets), ...said, evidence: expected.text };
}

const isSeenAs = (form: ConnectionFailure | RedisError, { ok, outcome }: ProbeSample): boolean =>
  !ok && (typeof form === 'string' ? outcome === form : outcome.startsWith(form.error));

/** The evidence of one probe alone: probes have different usual round trips. */
function only(evidence: Evidence, probe: string): Evidence {
  const of = ({ held, fresh }: Evidence['since']): Evidence['since'] => ({
    held: held.filter((one) => one.probe === probe),
    fresh: fresh.filter((one) => one.probe === probe),
  });
  return { ...evidence, baseline: of(evidence.baseline), since: of(evidence.since) };
}
