/**
 * All evidence for judging a run, read from its directory and cross-checked: each file against its shape,
 * against the digests of the run, and against the other files. Never throws because of a file's content;
 * inconsistencies are reported.
 */
import { basename } from 'node:path';
import { eventsOf, type RunEvent } from '../../core/events.ts';
import { type Flaw, flawSentences, missing } from '../../core/flaw.ts';
import type { GateBlock } from '../../core/gate.ts';
import type { KafkaReading } from '../../core/kafka-state.ts';
import type { Plan } from '../../core/plan.ts';
import type { ProbeSample } from '../../core/samples.ts';
import { eventShape } from '../../core/shapes/event-shape.ts';
import { planShape } from '../../core/shapes/plan-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { ms } from '../../core/units.ts';
import { readRunData, type StoredLoad } from '../../load/read-run-data.ts';
import { LOAD_FILES } from '../../load/run-files.ts';
import type { PathRecords } from '../../measure/paths/path-records.ts';
import type { RecordMatcher } from '../../measure/records/match-records.ts';
import { readBlocks } from './block-reader.ts';
import { checkEvents } from './check-events.ts';
import { readKafka } from './kafka-reader.ts';
import { eachRecord, isClosed, type NumberedEvent, type ReadRecords, readValue } from './read-records.ts';
import { readSides } from './read-sides.ts';
import { readRecordLedger } from './record-reader.ts';
import { RUN_FILES, refuseForeign } from './run-directory.ts';
import { checkSeal } from './seal.ts';
import { readPaths } from './stage-reader.ts';

export interface Evidence {
  /** When the plan cannot be read: empty, with the names that the events contain. */
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly stored: StoredLoad;
  /** The samples of the target that the fault was injected into. */
  probesOf(fault: string): readonly ProbeSample[];
  /** Every sample of the run. */
  readonly samples: readonly ProbeSample[];
  /** Of a gate, in the order of time; else none. */
  readonly blocks: readonly GateBlock[];
  /** Undefined: the run follows no records, or ended before its load. */
  readonly records: RecordMatcher | undefined;
  /** Empty: the run follows no paths, or ended before its load. */
  readonly paths: readonly PathRecords[];
  /** Empty: the run read none. */
  readonly kafka: readonly KafkaReading[];
  /** Why the evidence is inconsistent, one sentence a file; empty when it is consistent. */
  readonly flaws: readonly string[];
  /** Last lines that a kill has truncated. */
  readonly cut: readonly string[];
}

/**
 * Arrivals may be due, and probes asked, slightly before the first event and after the last one that a killed
 * run wrote.
 */
const SPAN_MARGIN_MS = 60_000;
const LONGEST_RUN_MS = 31 * 86_400_000;

/** @throws usage error when it is not a run directory: it contains no file of a run. */
export function readEvidence(runDir: string): Evidence {
  refuseForeign(runDir);
  const { value: plan, flaw: planFlaw } = readValue<Plan>(runDir, RUN_FILES.plan, planShape);
  const { events, read } = readEvents(runDir);
  const { isSealed, flaws: sealFlaws } = checkSeal(runDir, plan?.id);
  const span = spanOf(events);
  const flows = plan?.load.flatMap((one) => one.flows.map((flow) => flow.flow));
  const stored = readRunData(runDir, { span, flows });
  const timeline = events.map((one) => one.value);
  const blocks = readBlocks(runDir, { plan, events, data: stored.data });
  const closed = isClosed(events);
  const wasLoaded = eventsOf(timeline, 'load-started').length > 0;
  const records = eventsOf(timeline, 'fault-done').map((event) => event.record);
  const until = closed ? timeline.at(-1)?.at : undefined;
  const sides = readSides(runDir, { events, plan, records, span, until });
  const ledger = readRecordLedger(runDir, plan, stored, wasLoaded);
  const kafka = readKafka(runDir);
  const paths = readPaths(runDir, plan, wasLoaded);
  const cut = [
    ...read.cut,
    ...stored.cut,
    ...sides.cut,
    ...blocks.cut,
    ...ledger.cut,
    ...paths.cut,
    ...kafka.cut,
  ];
  const flaws: Flaw[] = [
    ...(planFlaw ? [planFlaw] : []),
    ...read.flaws,
    ...sides.flaws,
    ...blocks.flaws,
    ...ledger.flaws,
    ...paths.flaws,
    ...kafka.flaws,
    ...loadFlaws(stored, timeline, { wasLoaded, closed }),
    ...sealFlaws,
    ...missingSeal(timeline, isSealed),
    ...checkEvents(events, plan),
    // A run that has closed its files has no incomplete line.
    ...(closed ? cut : []),
  ];
  return {
    plan: plan ?? planFrom(timeline, runDir),
    ...{ events: timeline, stored, probesOf: sides.probesOf, samples: sides.samples },
    blocks: blocks.blocks,
    records: ledger.matcher,
    paths: paths.paths,
    kafka: kafka.readings,
    flaws: flawSentences(flaws),
    cut: closed ? [] : flawSentences(cut),
  };
}

function readEvents(runDir: string): {
  readonly events: readonly NumberedEvent[];
  readonly read: ReadRecords;
} {
  const all: NumberedEvent[] = [];
  const read = eachRecord(runDir, RUN_FILES.events, (value, line) => {
    const problem = shapeProblem(eventShape, value);
    if (problem === null) all.push({ line, value: value as RunEvent });
    return problem?.text ?? null;
  });
  const middle = all[Math.floor(all.length / 2)]?.value.at ?? 0;
  // A timestamp with one altered digit would create a phase of years.
  const isNear = ({ value }: NumberedEvent): boolean => Math.abs(value.at - middle) <= LONGEST_RUN_MS;
  const flaws = all
    .filter((one) => !isNear(one))
    .map(({ line, value }) => ({
      ...{ file: RUN_FILES.events, line },
      text: `${value.kind} is far from the other events in time`,
    }));
  return { events: all.filter(isNear), read: { ...read, flaws: [...read.flaws, ...flaws] } };
}

function spanOf(
  events: readonly NumberedEvent[],
): { readonly from: number; readonly to: number } | undefined {
  const [first, last] = [events[0]?.value.at, events.at(-1)?.value.at];
  if (first === undefined || last === undefined) return undefined;
  // For a run that was killed, or whose events were cut off, the end is unknown.
  const margin = isClosed(events) ? SPAN_MARGIN_MS : LONGEST_RUN_MS;
  return { from: first - SPAN_MARGIN_MS, to: last + margin };
}

/** Files that only a load writes are not required without a load. */
function loadFlaws(
  stored: StoredLoad,
  events: readonly RunEvent[],
  { wasLoaded, closed }: { readonly wasLoaded: boolean; readonly closed: boolean },
): Flaw[] {
  const all = stored.problems.filter((flaw) => wasLoaded || events.length === 0 || flaw.isMissing !== true);
  const file = LOAD_FILES.end;
  if (stored.end === undefined && wasLoaded && closed && !all.some((flaw) => flaw.file === file)) {
    return [...all, missing(file)];
  }
  return stored.end === undefined ? [...all] : [...all, ...endFlaws(stored.end.exitCodes, events)];
}

/** The load ends in the timeline are those in the load's own file. */
function endFlaws(exitCodes: Readonly<Record<string, number | null>>, events: readonly RunEvent[]): Flaw[] {
  return eventsOf(events, 'load-stopped')
    .filter(({ scenario, exitCode }) => exitCodes[scenario] !== exitCode)
    .map(({ scenario, exitCode }) => ({
      ...{ file: LOAD_FILES.end, against: RUN_FILES.events },
      text: `has exit code ${exitCodes[scenario]} of ${scenario}, ${RUN_FILES.events} ${exitCode}`,
    }));
}

function missingSeal(events: readonly RunEvent[], isSealed: boolean): Flaw[] {
  const [closed] = eventsOf(events, 'closed');
  const expected = closed?.evidence === RUN_FILES.evidence;
  return expected && !isSealed ? [missing(RUN_FILES.evidence)] : [];
}

/** What is known about a run without its plan: its names. */
function planFrom(events: readonly RunEvent[], runDir: string): Plan {
  const [start] = eventsOf(events, 'run-started');
  const nothing = ms(0);
  return {
    schema: 'gauntlet.plan/1',
    id: start?.id ?? basename(runDir),
    campaign: start?.campaign ?? 'unknown',
    target: start?.target ?? 'unknown',
    seed: start?.seed ?? 0,
    ...{ versions: {}, scale: 1, load: [], shape: null, warmupMs: nothing, baselineMs: nothing },
    ...{ faults: [], repeat: 1, recovery: { holdMs: nothing, timeoutMs: nothing } },
    ...{ abort: [], objectives: [], longestMs: nothing },
  };
}
