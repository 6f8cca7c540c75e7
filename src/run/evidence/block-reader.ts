/**
 * The blocks of a gate, read and cross-checked: each is one of the plan, at its time in the timeline, and
 * says what the load's own files say of that time.
 */
import type { Flaw } from '../../core/flaw.ts';
import { DECIDED_PHASE, type GatePlan, pairOfPhase, type RecordedBlock } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';
import { blocksLineShape } from '../../core/shapes/gate-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import { blockAt, blockPlaces } from '../../measure/gate/block-at.ts';
import { whyNotKept } from '../../measure/gate/gate-pairs.ts';
import type { RunData } from '../../measure/run-data.ts';
import { eachRecord, type Numbered, type NumberedEvent, type ReadRecords } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

const file = RUN_FILES.blocks;
/** A phase is told when a timer fires; a busy machine is late. */
const TIMER_MS = 2000;

export interface StoredBlocks extends ReadRecords {
  readonly blocks: readonly RecordedBlock[];
}

export interface BlockEvidence {
  /** Undefined: it cannot be read. */
  readonly plan: Plan | undefined;
  readonly events: readonly NumberedEvent[];
  readonly data: RunData;
}

/** Nothing for a run that is no gate. */
export function readBlocks(runDir: string, { plan, events, data }: BlockEvidence): StoredBlocks {
  const gate = plan?.gate;
  if (plan === undefined || gate === undefined) return { blocks: [], flaws: [], cut: [] };
  const found: Numbered<RecordedBlock>[] = [];
  const { flaws, cut } = eachRecord(runDir, file, (value, line) => {
    const problem = shapeProblem(blocksLineShape, value);
    if (problem !== null) return problem.text;
    if (line === 1) return headProblem(value as object, plan);
    if ('schema' in (value as object)) return 'is a head in the middle of the file';
    found.push({ line, value: value as RecordedBlock });
    return null;
  });
  const own = found.flatMap(({ line, value }, index) => {
    const text = misplaced(value, found[index - 1]?.value, gate, events) ?? miscounted(value, gate, data);
    return text === null ? [] : [{ file, line, text }];
  });
  const blocks = found.map((one) => one.value);
  return { blocks, flaws: [...flaws, ...own, ...missingBlocks(blocks, events)], cut };
}

function headProblem(head: object, plan: Plan): string | null {
  if (!('run' in head) || !('schema' in head)) return 'is not the head of the file';
  return head.run === plan.id ? null : `is of run ${String(head.run)}, ${RUN_FILES.plan} of ${plan.id}`;
}

/** Whether a block stands where the plan and the timeline have it. */
function misplaced(
  block: RecordedBlock,
  before: RecordedBlock | undefined,
  gate: GatePlan,
  events: readonly NumberedEvent[],
): string | null {
  const { pair, slot, from, to } = block;
  const name = `pair ${pair}, block ${slot}`;
  const [next, nextSlot] =
    before === undefined ? [1, 1] : before.slot === 1 ? [before.pair, 2] : [before.pair + 1, 1];
  if (pair !== next || slot !== nextSlot)
    return `${name} stands where pair ${next}, block ${nextSlot} belongs`;
  const began = pairStart(events, pair);
  if (began === null) return `${name} is of a pair that ${RUN_FILES.events} does not know`;
  const place = blockPlaces(gate, pair, began)[slot - 1];
  if (place?.side !== block.side || pair > gate.order.length)
    return `${name} is of the ${block.side}, against the order in ${RUN_FILES.plan}`;
  const isThere = Math.abs(from - place.from) <= TIMER_MS && Math.abs(to - from - gate.blockMs) < 1;
  return isThere ? null : `${name} is not at the time that ${RUN_FILES.events} tells of its pair`;
}

function pairStart(events: readonly NumberedEvent[], pair: number): EpochMs | null {
  const start = events.find(({ value }) => value.kind === 'phase' && pairOfPhase(value.name) === pair);
  return start === undefined ? null : epochMs(start.value.at);
}

/** Whether a block says what counts and latencies of the same time say. */
function miscounted(block: RecordedBlock, gate: GatePlan, data: RunData): string | null {
  const { replicas, kept, why, ...said } = block;
  const name = `pair ${block.pair}, block ${block.slot}`;
  const is = blockAt(block, gate, data);
  for (const [flow, one] of Object.entries(is.flows)) {
    const told = said.flows[flow];
    if (told === undefined) return `${name} has nothing of ${flow}`;
    for (const key of ['due', 'completed', 'failed', 'unanswered'] as const)
      if (told[key] !== one[key])
        return `${name}: ${flow} has ${key} ${told[key]}, ${RUN_FILES.counts} ${one[key]}`;
    for (const [quantile, value] of Object.entries(one.goodMs)) {
      const other = told.goodMs[quantile as keyof typeof told.goodMs];
      if (other !== value)
        return `${name}: ${flow} has ${quantile} ${other} ms, ${RUN_FILES.latency} ${value} ms`;
    }
  }
  if (said.limited !== is.limited)
    return `${name}: its limit of the generator is not that of ${RUN_FILES.latency}`;
  const whyNot = whyNotKept({ ...is });
  return kept === (whyNot === null) && why === whyNot
    ? null
    : `${name}: whether it is kept does not follow from it`;
}

/** A pair that another one follows has both of its blocks. */
function missingBlocks(blocks: readonly RecordedBlock[], events: readonly NumberedEvent[]): Flaw[] {
  const phases = events.flatMap(({ value }) => (value.kind === 'phase' ? [value.name] : []));
  const followed = phases.flatMap((name, index): number[] => {
    const pair = pairOfPhase(name);
    return pair !== null && pairOfPhase(phases[index + 1] ?? '') !== null ? [pair] : [];
  });
  // The last ones settle some seconds late: of a run that was ended they may be missing.
  const isDecided = phases.includes(DECIDED_PHASE) && events.some(({ value }) => value.kind === 'closed');
  const least = isDecided ? Math.max(0, ...followed) - 1 : 0;
  const last = blocks.at(-1);
  const whole = last === undefined ? 0 : last.slot === 2 ? last.pair : last.pair - 1;
  if (whole >= least) return [];
  return [
    {
      file,
      text: `has ${whole} whole pairs of at least ${least} that ${RUN_FILES.events} tells of`,
      against: RUN_FILES.events,
    },
  ];
}
