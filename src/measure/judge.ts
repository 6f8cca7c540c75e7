/**
 * The verdict of a run: every sub-judge gives reasons, and the worst reason decides. A judge that throws, or
 * a run in which nothing was judged, is never a PASS.
 */
import { messageOf } from '../core/errors.ts';
import type { GateResult } from '../core/gate.ts';
import type { HistoryResult } from '../core/gate-history.ts';
import { type FaultRecord, type Ledger, type ObjectiveResult, whyNotInjected } from '../core/result.ts';
import { type Reason, type Verdict, verdictOf } from '../core/verdict.ts';
import { type CalmPhase, isBrokenBaseline, judgeBroken } from './broken.ts';
import { type JudgedPhase, judgeGenerator, judgeOwnTrouble } from './judge-generator.ts';
import { type NotBack, notBackText } from './not-back.ts';
import { objectiveText } from './objective-text.ts';

export interface RunFacts {
  /** The flows of the plan. */
  readonly flows: readonly string[];
  /** The baseline of every flow, and every other phase for which an objective judges the flow. */
  readonly judged: readonly JudgedPhase[];
  /** Every flow in every undisturbed phase from the baseline on. */
  readonly calm: readonly CalmPhase[];
  readonly ledgers: Readonly<Record<string, Ledger>>;
  /** Bad outcomes by flow over the whole run, with their counts. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly faults: readonly FaultRecord[];
  readonly plannedFaults: readonly string[];
  readonly objectives: readonly ObjectiveResult[];
  /** Of a gate, which has no objectives. */
  readonly gate?: GateResult;
  /** Of a candidate against earlier runs, which has none either. */
  readonly history?: HistoryResult;
  readonly abortedBecause: string | null;
  readonly interruptedBy: string | null;
  /** Why the run ended early, other than by abort or interruption. */
  readonly failures: readonly string[];
  /** Whether k6 was started at all. */
  readonly isLoaded: boolean;
  /** Whether the run wrote its last event. */
  readonly isComplete: boolean;
  /** Why the run's files are inconsistent, one sentence a file. */
  readonly flaws: readonly string[];
  /** Problems of the load side, and lines that a kill has cut off. */
  readonly dataProblems: readonly string[];
  readonly clockStepsMs: readonly number[];
  /** Of other judges. Absent: none. */
  readonly reasons?: readonly Reason[];
}

type Judge = (facts: RunFacts) => readonly Reason[];

const JUDGES: readonly Judge[] = [
  judgeEnd,
  judgeLedgers,
  judgeLoad,
  ({ calm, gate }) => (gate ? [] : judgeBroken(calm)),
  judgeFaults,
  judgeObjectives,
  judgeClock,
  ({ reasons = [] }) => reasons,
];

/**
 * When the evidence is inconsistent, judges nothing else: every other number may come from the inconsistent
 * part.
 */
const JUDGES_OF_FLAWED: readonly Judge[] = [judgeEnd, judgeEvidence, judgeResidue];

/**
 * For a run that ended before any load, the end is the only reason: that nothing was measured follows from
 * it.
 */
export function judgeRun(facts: RunFacts): Verdict {
  const endedEarly = !facts.isLoaded && judgeEnd(facts).length > 0;
  const judges = facts.flaws.length > 0 ? JUDGES_OF_FLAWED : endedEarly ? [judgeEnd, judgeResidue] : JUDGES;
  const reasons = judges.flatMap((judge) => {
    try {
      return judge(facts);
    } catch (error) {
      return [{ status: 'INVALID', text: `a judge failed: ${messageOf(error)}` } satisfies Reason];
    }
  });
  return verdictOf(reasons);
}

function judgeEnd(facts: RunFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  if (facts.interruptedBy !== null) {
    reasons.push({ status: 'INVALID', text: `interrupted: ${facts.interruptedBy}` });
  }
  if (facts.abortedBecause !== null)
    reasons.push({ status: 'FAIL', text: `aborted: ${facts.abortedBecause}` });
  for (const text of facts.failures) reasons.push({ status: 'INVALID', text: `the run failed: ${text}` });
  if (!facts.isComplete)
    reasons.push({ status: 'INVALID', text: 'interrupted: the run ended without its last event' });
  return reasons;
}

function judgeEvidence(facts: RunFacts): readonly Reason[] {
  return facts.flaws.map((text) => ({ status: 'INVALID', text: `evidence: ${text}` }));
}

function judgeLedgers(facts: RunFacts): readonly Reason[] {
  const missing = facts.flows.filter((flow) => (facts.ledgers[flow]?.due ?? 0) === 0);
  const unbalanced = Object.entries(facts.ledgers).filter(([, ledger]) => !ledger.balanced);
  return [
    ...missing.map((flow): Reason => ({ status: 'NO-DATA', text: `${flow}: no arrival was seen` })),
    ...unbalanced.map(
      ([flow, ledger]): Reason => ({
        status: 'INVALID',
        text: `ledger of ${flow}: ${ledger.problems.join('; ')}`,
      }),
    ),
    ...facts.dataProblems.map((text): Reason => ({ status: 'INVALID', text })),
  ];
}

/** Of a gate the blocks and pairs are judged by themselves (gate/blocks-of.ts), without a baseline phase. */
function judgeLoad(facts: RunFacts): readonly Reason[] {
  if (facts.gate) return judgeOwnTrouble(facts.outcomes);
  const without = facts.flows.filter((flow) => {
    const baseline = facts.judged.find((one) => one.flow === flow && one.phase === 'baseline');
    return baseline === undefined || baseline.stats.due === 0;
  });
  return [
    ...without.map((flow): Reason => ({ status: 'NO-DATA', text: `${flow}: no baseline` })),
    ...judgeGenerator(facts.judged, (flow, phase) =>
      facts.objectives.some((one) => one.flow === flow && one.phase === phase && one.status !== 'PASS'),
    ),
    ...judgeOwnTrouble(facts.outcomes),
  ];
}

function judgeFaults(facts: RunFacts): readonly Reason[] {
  // What was not injected, or not back, is told by the pairs of the gate.
  if (facts.gate) return judgeResidue(facts);
  const reached = new Set(facts.faults.map((fault) => fault.name));
  const never = facts.plannedFaults.filter((name) => !reached.has(name));
  return [
    ...facts.faults.flatMap((fault): readonly Reason[] => {
      if (fault.status === 'residue') return [residueOf(fault)];
      const why = whyNotInjected(fault);
      if (why !== null) {
        const what =
          fault.status === 'not-injected'
            ? 'not injected'
            : `its group ${fault.group?.name} counts as not injected`;
        const text = `${fault.name}: ${what} (${why}), so nothing is known about it`;
        return [{ status: 'NO-DATA', text }];
      }
      return notBack(fault);
    }),
    ...never.map((name): Reason => ({ status: notReached(facts), text: `${name}: the run ended before it` })),
  ];
}

function judgeResidue(facts: RunFacts): readonly Reason[] {
  return facts.faults.filter((fault) => fault.status === 'residue').map(residueOf);
}

const residueOf = (fault: FaultRecord): Reason => ({
  status: 'RESIDUE',
  text: `${fault.name}: not proven to be gone (${fault.removal?.evidence ?? 'no evidence'})`,
});

/**
 * Steps that were not reached have no data. Where the system was broken before any fault, that is its
 * failure, and missing data does not hide it.
 */
const notReached = ({ calm }: RunFacts): 'FAIL' | 'NO-DATA' =>
  calm.some(isBrokenBaseline) ? 'FAIL' : 'NO-DATA';

/**
 * Anything that had not recovered when the watch ended is an open question, even without an objective for it.
 */
function notBack({ name, recovery }: FaultRecord): readonly Reason[] {
  const all = Object.entries(recovery);
  const say = (what: NotBack['what'], open: typeof all): readonly Reason[] => {
    const slis = open.map(([sli]) => sli);
    if (slis.length === 0) return [];
    return [{ status: 'INCONCLUSIVE', text: notBackText({ fault: name, what, slis }) }];
  };
  const back = all.filter(([, { status }]) => status === 'recovered');
  return [
    ...say(
      'not back',
      all.filter(([, { status }]) => status === 'censored'),
    ),
    ...say(
      'back, and bad again',
      back.filter(([, { relapsedAtMs }]) => relapsedAtMs !== undefined),
    ),
  ];
}

function judgeObjectives(facts: RunFacts): readonly Reason[] {
  const answer = facts.gate ?? facts.history;
  if (answer) return [{ status: answer.status, text: answer.sentence }];
  if (facts.objectives.length === 0) return [{ status: 'NO-DATA', text: 'the campaign has no objective' }];
  return facts.objectives.map((one): Reason => {
    const status = one.status === 'NO-DATA' ? notReached(facts) : one.status;
    return { status, text: objectiveText(one) };
  });
}

function judgeClock(facts: RunFacts): readonly Reason[] {
  return facts.clockStepsMs.map(
    (by): Reason => ({ status: 'INCONCLUSIVE', text: `the wall clock stepped by ${by} ms during the run` }),
  );
}
