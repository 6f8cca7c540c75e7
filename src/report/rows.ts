/**
 * The content that all reports share, selected from the result once: the order of rows and their words, no
 * layout.
 */
import type { LayerPart } from '../core/kafka-state.ts';
import {
  type FaultRecord,
  type FlowPhase,
  type Ledger,
  type Recovery,
  type StepStats,
  whyNotInjected,
} from '../core/result.ts';
import { formatMs } from '../core/units.ts';
import type { Reason, VerdictStatus } from '../core/verdict.ts';
import { formatCount, formatRatio, formatSpan, NONE } from './format.ts';
import type { ReportInput } from './input.ts';

export interface PercentileRow {
  readonly flow: string;
  readonly phase: string;
  readonly stats: FlowPhase;
}

/**
 * Failed as objectives count it, so that a table and a verdict never show two numbers under one name:
 * arrivals that were due and not good (failed, dropped or interrupted).
 */
export const badOf = (stats: FlowPhase): number => stats.due - (stats.count - stats.failed);

const SHOWN_OUTCOMES = 3;

/** `timeout 41, http-500 12, dropped 3 and 2 others`: why arrivals were not good; empty when all were. */
export function outcomesText(outcomes: Readonly<Record<string, number>>, shown = SHOWN_OUTCOMES): string {
  const all = Object.entries(outcomes);
  const said = all.slice(0, shown).map(([word, count]) => `${word} ${formatCount(count)}`);
  const rest = all.slice(shown).reduce((sum, [, count]) => sum + count, 0);
  return said.join(', ') + (rest > 0 ? ` and ${formatCount(rest)} other${rest === 1 ? '' : 's'}` : '');
}

/** Over all phases of a flow, most frequent first. */
export function outcomesOfFlow(input: ReportInput, flow: string): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { outcomes } of Object.values(input.result.flows[flow] ?? {})) {
    for (const [word, count] of Object.entries(outcomes)) sums.set(word, (sums.get(word) ?? 0) + count);
  }
  return Object.fromEntries([...sums].sort((a, b) => b[1] - a[1]));
}

/** Flows in the order of the plan, then any other that was measured. */
export function flowsOf(input: ReportInput): string[] {
  const planned = input.plan.load.flatMap((scenario) => scenario.flows.map((flow) => flow.flow));
  return [...new Set([...planned, ...Object.keys(input.result.flows), ...Object.keys(input.series)])];
}

/** Phases in the order of the run; a phase that only a flow has comes last. */
export function percentileRows(input: ReportInput): PercentileRow[] {
  const order = input.result.phases.map((phase) => phase.name);
  return flowsOf(input).flatMap((flow) => {
    const stats = input.result.flows[flow] ?? {};
    const phases = [...new Set([...order, ...Object.keys(stats)])];
    return phases.flatMap((phase) => {
      const found = stats[phase];
      return found === undefined ? [] : [{ flow, phase, stats: found }];
    });
  });
}

/** The requests of an iteration with several; each has only a service time. */
export const requestSteps = ({ steps }: FlowPhase): (readonly [string, StepStats])[] =>
  Object.entries(steps ?? {});

export interface SliRow {
  readonly sli: string;
  /** `held` and `fresh` are connections of our probes, everything else is an SLI of a flow. */
  readonly probe: boolean;
  /** Of Kafka's own state, or of a path. Absent: it is neither. */
  readonly layer?: true;
  /** Its part in the recovery of its Kafka. Absent: it has none. */
  readonly part?: LayerPart;
  readonly recovery: Recovery;
}

/** A fault that was proven in place but is not yet proven gone is not reported as removed. */
export function faultStatusText(fault: FaultRecord): string {
  if (fault.status === 'not-injected') return 'not injected';
  if (fault.status === 'residue') return 'residue: not proven removed';
  if (whyNotInjected(fault) !== null) return 'its group counts as not injected';
  return fault.removedAt === null ? 'injected' : 'injected and removed';
}

/** Of the victim, or of a question that the campaign names: `web:sees-cache held`. */
export const isProbe = (sli: string): boolean => /^(?:\S+:\S+ )?(?:held|fresh)$/.test(sli);

/** The probes first: they show when the dependency recovered, the flows show when its users did. */
export function sliRows(fault: FaultRecord): SliRow[] {
  const rows = Object.entries(fault.recovery).map(([sli, recovery]) => ({
    sli,
    probe: isProbe(sli),
    recovery,
  }));
  return [...rows.filter((row) => row.probe), ...rows.filter((row) => !row.probe)];
}

/** Probe answers that were no evidence because our process could not read them in time; empty without any. */
export function ownStallText(fault: FaultRecord): string {
  const left = sliRows(fault).flatMap((row) =>
    row.recovery.ownStalls === undefined ? [] : [`${formatCount(row.recovery.ownStalls)} ${row.sli}`],
  );
  return left.length === 0
    ? ''
    : `probe answers left out (own-stall: Gauntlet's own process was not running): ${left.join(', ')}`;
}

/** A level of a path has a share, as one of a flow. */
const isOfKafka = ({ sli, layer }: SliRow): boolean => layer === true && !/ (?:failed|slow)$/.test(sli);

export const sliName = (row: SliRow): string => (row.probe ? `${row.sli} connection` : row.sli);

/** For a flow the worst share of bad arrivals, for a probe its longest silence. */
export const worstText = (row: SliRow): string =>
  row.recovery.status === 'never-degraded' && row.recovery.worst === 0
    ? NONE
    : row.probe || isOfKafka(row)
      ? formatSpan(row.recovery.worst)
      : formatRatio(row.recovery.worst);

export const lossText = (recovery: Recovery): string =>
  recovery.status === 'never-degraded' && recovery.lossSeconds === 0
    ? NONE
    : formatSpan(recovery.lossSeconds * 1000);

export const recoveryStatusText = (recovery: Recovery): string => {
  if (recovery.status === 'never-degraded') return 'never degraded';
  const flaps = recovery.flaps === 0 ? '' : `, ${recovery.flaps} flap${recovery.flaps === 1 ? '' : 's'}`;
  const again = recovery.relapsedAtMs === undefined ? '' : ', bad again at the end';
  return `${recovery.status === 'censored' ? 'not recovered' : 'recovered'}${flaps}${again}`;
};

/** Not back either, beside another one: nothing is known of what it took by itself. */
const isAlsoOpen = ({ isOpen, ms }: LayerPart): boolean => isOpen && ms === 0;

/** With the layer that it waited for: `recovered, 3.20 s after writable`. */
export function rowStatusText({ recovery, part }: SliRow): string {
  const status = recoveryStatusText(recovery);
  if (part?.after === undefined || part.after === null || isAlsoOpen(part)) return status;
  return `${status}, ${part.isOpen ? 'at least ' : ''}${formatMs(part.ms)} after ${part.after}`;
}

/** One line for each Kafka: `bus: 12.0 s = writable 4.02 s + in sync 8.00 s, held by in sync`. */
export const kafkaTexts = ({ kafka = {} }: FaultRecord): readonly string[] =>
  Object.entries(kafka).map(([service, { ms, parts, heldBy }]) => {
    const isOpen = parts.some((one) => one.isOpen);
    const own = parts.filter((one) => !isAlsoOpen(one));
    const sum = own.map((one) => `${one.layer} ${formatMs(one.ms)}`).join(' + ');
    const end = isOpen ? `not back: ${heldBy.join(', ')}` : `held by ${heldBy.join(', ')}`;
    return `${service}: ${isOpen ? 'at least ' : ''}${formatMs(ms)} from the injection = ${sum}, ${end}`;
  });

/** The longest time of one fault until an SLI recovered: its summary figure. */
export function slowestRecovery(fault: FaultRecord): SliRow | null {
  const rank = (row: SliRow): number =>
    (row.recovery.status === 'censored' ? 1e12 : 0) + (row.recovery.sinceInjectedMs ?? 0);
  return splitSlis(fault).degraded.reduce<SliRow | null>(
    (worst, row) => (worst === null || rank(row) > rank(worst) ? row : worst),
    null,
  );
}

/** For a run without fault records: the reason, as far as the plan shows it. */
export const noFaultText = (input: ReportInput): string => {
  const planned = input.plan.faults.length;
  return planned === 0 ? 'No fault was planned.' : `No fault was injected, ${planned} were planned.`;
};

export interface SplitSlis {
  readonly degraded: readonly SliRow[];
  /** Named, never omitted: an SLI without an effect is a finding too. */
  readonly calm: readonly SliRow[];
  /** Of paths, and of a fault on Kafka in their usual order, degraded or not. */
  readonly layers: readonly SliRow[];
}

export function splitSlis(fault: FaultRecord): SplitSlis {
  const rows = sliRows(fault);
  return {
    degraded: rows.filter((row) => row.recovery.status !== 'never-degraded'),
    calm: rows.filter((row) => row.recovery.status === 'never-degraded'),
    layers: Object.entries(fault.layers ?? {}).map(([sli, recovery]) => {
      const part = partOf(fault, sli);
      return { ...{ sli, probe: false, layer: true, recovery }, ...(part && { part }) };
    }),
  };
}

const partOf = ({ kafka = {} }: FaultRecord, sli: string): LayerPart | undefined =>
  Object.entries(kafka)
    .flatMap(([service, { parts }]) => parts.map((part) => [`${service} ${part.layer}`, part] as const))
    .find(([name]) => name === sli)?.[1];

/** Those of the table of recoveries. */
export function shownSlis(fault: FaultRecord): readonly SliRow[] {
  const { degraded, layers } = splitSlis(fault);
  return [...degraded, ...layers];
}

export const podTotalMs = (fault: FaultRecord): number =>
  fault.pod === null ? 0 : fault.pod.phases.reduce((sum, stretch) => sum + stretch.ms, 0);

/** `5.14 s = noticed 40.0 ms + back-off 1.00 s + …`: the parts and their sum. */
export const podText = (fault: FaultRecord): string =>
  fault.pod === null
    ? NONE
    : `${formatMs(podTotalMs(fault))} = ${fault.pod.phases
        .map((stretch) => `${stretch.name} ${formatMs(stretch.ms)}`)
        .join(' + ')}`;

/** Of a fault, whatever had to recover in parts. */
export const timelines = (fault: FaultRecord): readonly string[] => [
  ...(fault.pod === null ? [] : [`pod ${podText(fault)}`]),
  ...kafkaTexts(fault),
];

/** Epoch ms of the start of the run: 0 of every offset in a report. */
export function runStart(input: ReportInput): number {
  const started = input.events.find((event) => event.kind === 'run-started');
  return started === undefined ? Date.parse(input.result.run.startedAt) : started.at;
}

const WORST_FIRST: readonly VerdictStatus[] = [
  'RESIDUE',
  'INVALID',
  'NO-DATA',
  'FAIL',
  'INCONCLUSIVE',
  'PASS',
];

export const reasonsWorstFirst = <One extends Pick<Reason, 'status'>>(reasons: readonly One[]): One[] =>
  [...reasons].sort((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));

/** The meaning of each verdict, with the same words in every report. */
export const VERDICT_MEANING: Readonly<Record<VerdictStatus, string>> = {
  PASS: 'Every judged limit was met, on enough samples.',
  FAIL: 'An objective was missed, an abort limit was reached, or a flow was broken without a fault.',
  INCONCLUSIVE: 'A limit is inside the uncertainty of the measurement: neither PASS nor FAIL would be true.',
  'NO-DATA': 'Something that had to be judged was not measured, or a fault never took effect.',
  INVALID: 'The measurement cannot be trusted: the generator, the ledger or the run itself had a problem.',
  RESIDUE: 'A fault could not be proven removed. Run gauntlet recover before anything else.',
};

/** An empty ledger balances too, but must not be shown as good. */
/** Which rates a run chose by itself and why, or null when the campaign states all of them. */
export const foundRate = (input: ReportInput): string | null => input.plan.rateSearch?.found?.why ?? null;

export const ledgerText = (ledger: Ledger): 'balanced' | 'not balanced' | 'nothing counted' => {
  if (!ledger.balanced) return 'not balanced';
  return ledger.due === 0 ? 'nothing counted' : 'balanced';
};

export interface OutcomeTotals {
  readonly objectivesMet: number;
  readonly objectives: number;
  readonly faultsProven: number;
  readonly faults: number;
}

const isProven = (fault: FaultRecord): boolean =>
  fault.status === 'injected' && fault.removedAt !== null && whyNotInjected(fault) === null;

/** A fault counts as proven only when it was proven in place, with all of its group, and proven gone. */
export function totalsOf(input: ReportInput): OutcomeTotals {
  const { objectives, faults } = input.result;
  return {
    objectivesMet: objectives.filter((objective) => objective.status === 'PASS').length,
    objectives: objectives.length,
    faultsProven: faults.filter(isProven).length,
    // A planned fault that the run did not reach is not proven either.
    faults: Math.max(faults.length, input.plan.faults.length),
  };
}
