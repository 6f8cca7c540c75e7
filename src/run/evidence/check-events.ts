/**
 * Whether a run can have written this timeline: complete, in order, of this plan. A run that ended early has
 * a timeline that ends early; completeness is required only when no event explains an early end.
 */
import type { RunEvent } from '../../core/events.ts';
import type { Flaw } from '../../core/flaw.ts';
import { DECIDED_PHASE, pairPhase } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';
import { checkFaultSteps } from './check-fault-steps.ts';
import { isClosed, type NumberedEvent } from './read-records.ts';
import { RUN_FILES } from './run-directory.ts';

const file = RUN_FILES.events;
/** In this order, if present; the steps of a shape have their own names. */
const PHASES: readonly string[] = ['warmup', 'baseline', 'steady', 'drain'];
/** At most one of each. */
const ONCE: readonly RunEvent['kind'][] = [
  'run-started',
  'interrupted',
  'abort-condition-met',
  'closed',
  'run-ended',
];

/** Whether an event explains why the run ended early. */
const endedEarly = (events: readonly NumberedEvent[]): boolean =>
  events.some(({ value }) => ['abort', 'interrupted', 'failed'].includes(value.kind));

/** @param plan undefined: it cannot be read, and nothing is compared with it. */
export function checkEvents(events: readonly NumberedEvent[], plan: Plan | undefined): Flaw[] {
  const closed = isClosed(events);
  return [
    ...checkOrder(events),
    ...checkPhases(events),
    ...checkFaultSteps(events, plan, closed),
    ...(plan === undefined ? [] : checkStart(events, plan)),
    ...(closed ? checkLoad(events, plan) : []),
    ...(closed && plan !== undefined && !endedEarly(events) ? checkWhole(events, plan) : []),
  ];
}

function checkOrder(events: readonly NumberedEvent[]): Flaw[] {
  const flaws: Flaw[] = [];
  const seen = new Set<string>();
  let last = Number.NEGATIVE_INFINITY;
  for (const [index, { line, value }] of events.entries()) {
    const { kind, at } = value;
    if (at < last) flaws.push({ file, line, text: `${kind} is earlier than the event before it` });
    last = Math.max(last, at);
    if (ONCE.includes(kind) && seen.has(kind)) flaws.push({ file, line, text: `a second ${kind}` });
    if (index === 0 && kind !== 'run-started')
      flaws.push({ file, line, text: `begins with ${kind}, not run-started` });
    if (seen.has('closed') && kind !== 'run-ended' && kind !== 'closed')
      flaws.push({ file, line, text: `${kind} after the end of the run` });
    seen.add(kind);
  }
  if (events.length === 0) flaws.push({ file, text: 'holds no event' });
  return flaws;
}

function checkPhases(events: readonly NumberedEvent[]): Flaw[] {
  const flaws: Flaw[] = [];
  const seen = new Set<string>();
  let last = -1;
  for (const { line, value } of events) {
    if (value.kind !== 'phase') continue;
    const { name } = value;
    if (seen.has(name)) flaws.push({ file, line, text: `phase ${name} begins a second time` });
    seen.add(name);
    const place = PHASES.indexOf(name);
    if (place >= 0 && place < last) flaws.push({ file, line, text: `phase ${name} after ${PHASES[last]}` });
    if (place < 0 && seen.has('drain')) flaws.push({ file, line, text: `phase ${name} after drain` });
    last = Math.max(last, place);
  }
  return flaws;
}

function checkStart(events: readonly NumberedEvent[], plan: Plan): Flaw[] {
  const start = events.find(({ value }) => value.kind === 'run-started');
  if (start?.value.kind !== 'run-started') return [];
  const { value, line } = start;
  const fields = ['id', 'campaign', 'target', 'seed', 'longestMs'] as const;
  return fields
    .filter((field) => value[field] !== plan[field])
    .slice(0, 1)
    .map((field) => ({
      ...{ file, line, against: RUN_FILES.plan },
      text: `run-started has ${field} ${value[field]}, ${RUN_FILES.plan} ${plan[field]}`,
    }));
}

/** Each load process that was started has exactly one end. */
function checkLoad(events: readonly NumberedEvent[], plan: Plan | undefined): Flaw[] {
  const names = (kind: 'load-started' | 'load-stopped'): NumberedEvent[] =>
    events.filter(({ value }) => value.kind === kind);
  const nameOf = ({ value }: NumberedEvent): string => ('scenario' in value ? value.scenario : '');
  const [started, stopped] = [names('load-started'), names('load-stopped')];
  const lone = (some: NumberedEvent[], others: NumberedEvent[], text: string): Flaw[] =>
    some
      .filter((one) => !others.some((other) => nameOf(other) === nameOf(one)))
      .map((one) => ({ file, line: one.line, text: `${nameOf(one)}: ${text}` }));
  const twice = [started, stopped].flatMap((list) =>
    list
      .filter((one, index) => list.findIndex((other) => nameOf(other) === nameOf(one)) < index)
      .map((one): Flaw => ({ file, line: one.line, text: `${nameOf(one)}: ${one.value.kind} twice` })),
  );
  const planned = (plan?.load ?? []).map((load) => load.scenario);
  const missing = planned.filter(
    (name) => started.length > 0 && !started.some((one) => nameOf(one).replace(/\.\d+-of-\d+$/, '') === name),
  );
  return [
    ...lone(started, stopped, 'the end of its load is missing'),
    ...lone(stopped, started, 'the start of its load is missing'),
    ...twice,
    ...missing.map((name): Flaw => ({ file, text: `load-started of ${name} is missing` })),
  ];
}

/** A run without an event for an early end must have all of its phases. */
function checkWhole(events: readonly NumberedEvent[], plan: Plan): Flaw[] {
  const told = (kind: RunEvent['kind'], name: string): boolean =>
    events.some(({ value }) => {
      if (value.kind !== kind) return false;
      return value.kind === 'phase' ? value.name === name : value.kind === 'baseline' && value.flow === name;
    });
  const shaped = plan.gate
    ? ['warmup', pairPhase(1), DECIDED_PHASE]
    : plan.shape?.steps.slice(0, 1).map((step) => step.phase);
  const own = plan.untilLoadEnds ? [...(plan.warmupMs > 0 ? ['warmup'] : []), 'baseline'] : undefined;
  const phases = [...(shaped ?? own ?? ['warmup', 'baseline', 'steady']), 'drain'];
  const flows = shaped === undefined ? plan.load.flatMap((load) => load.flows.map((flow) => flow.flow)) : [];
  return [
    ...phases
      .filter((name) => !told('phase', name))
      .map((name) => ({ file, text: `phase ${name} is missing` })),
    ...flows
      .filter((flow) => plan.faults.length > 0 && !told('baseline', flow))
      .map((flow) => ({ file, text: `the baseline of ${flow} is missing` })),
  ];
}
