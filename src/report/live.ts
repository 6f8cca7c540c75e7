/**
 * The live view of a run: a reducer (initialLive, applyEvent, applyFlows) and the frame it is shown as
 * (renderLive). Every frame fits the width and leaves the last row free, so that painting it never scrolls
 * the terminal.
 */
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { FaultRecord } from '../core/result.ts';
import {
  eventRows,
  type FrameSize,
  faultRows,
  flowRows,
  headerRows,
  hintRow,
  paintRow,
  type Row,
} from './live-frame.ts';
import type { LiveFault, LiveFlow, LiveState, Stage } from './live-state.ts';
import { slowestRecovery } from './rows.ts';

/** More than any terminal shows; what is older is in the files. */
const RECENT = 40;

/** @param plan tells how many faults are to come; everything else arrives with the first event. */
export const initialLive = (plan?: Plan): LiveState => ({
  campaign: plan?.campaign ?? null,
  target: plan?.target ?? null,
  startedAt: null,
  now: 0,
  longestMs: plan?.longestMs ?? null,
  faultsPlanned: plan?.faults.length ?? null,
  faultsSeen: 0,
  phase: null,
  phaseSince: null,
  flows: [],
  fault: null,
  recent: [],
  stopping: null,
  verdict: null,
});

const newFault = (name: string, victims: readonly string[]): LiveFault => ({
  name,
  victims,
  reached: {},
  undoing: false,
  trouble: null,
  recovered: [],
  done: null,
});

function outcomeOf(record: FaultRecord): NonNullable<LiveFault['done']> {
  const statuses = Object.values(record.recovery).map((one) => one.status);
  if (statuses.includes('censored')) return 'not recovered';
  return statuses.includes('recovered') ? 'recovered' : 'not degraded';
}

/** The instant of the last recovery, which lies before the end of its watch. */
function recoveredAt(record: FaultRecord, done: LiveFault['done']): LiveFault['reached'] {
  const from = record.injectedAt ?? record.appliedAt;
  const last = slowestRecovery(record)?.recovery.sinceInjectedMs ?? null;
  return done === 'recovered' && from !== null && last !== null ? { recovered: from + last } : {};
}

function applyToFault(before: LiveFault | null, event: RunEvent): LiveFault | null {
  if (event.kind === 'fault-planned') {
    return { ...newFault(event.fault, event.victims), reached: { planned: event.at } };
  }
  const named = 'fault' in event ? event.fault : event.kind === 'fault-done' ? event.record.name : null;
  if (named === null) return before;
  const fault = before?.name === named ? before : newFault(named, []);
  const reach = (stage: Stage): LiveFault['reached'] => ({ ...fault.reached, [stage]: event.at });
  switch (event.kind) {
    case 'fault-applied':
      return { ...fault, reached: reach('applied') };
    case 'fault-injected':
      return { ...fault, reached: reach('injected') };
    case 'fault-not-injected':
      return { ...fault, trouble: 'not injected' };
    case 'fault-undoing':
      return { ...fault, undoing: true };
    case 'fault-removed':
      return { ...fault, reached: reach('removed'), undoing: false };
    case 'fault-residue':
      return { ...fault, trouble: 'residue', undoing: false };
    case 'recovered':
      return { ...fault, recovered: [...new Set([...fault.recovered, event.sli])] };
    case 'fault-done': {
      const done = outcomeOf(event.record);
      return { ...fault, done, reached: { ...fault.reached, ...recoveredAt(event.record, done) } };
    }
    default:
      return fault;
  }
}

function stoppingBecause(event: RunEvent): string | null {
  if (event.kind === 'interrupted') return `interrupted by ${event.signal}`;
  if (event.kind === 'abort') return `aborted: ${event.why}`;
  return event.kind === 'failed' ? `failed: ${event.why}` : null;
}

/** The phase that began with an event: the same cuts as in the report. */
function phaseAfter(event: RunEvent): Partial<Pick<LiveState, 'phase' | 'phaseSince'>> {
  if (event.kind === 'phase') return { phase: event.name, phaseSince: event.at };
  if (event.kind === 'fault-applied') return { phase: `fault:${event.fault}`, phaseSince: event.at };
  if (event.kind === 'fault-removed') return { phase: `recovery:${event.fault}`, phaseSince: event.at };
  return {};
}

export function applyEvent(state: LiveState, event: RunEvent): LiveState {
  const started = event.kind === 'run-started' ? event : null;
  return {
    ...state,
    ...(started && {
      campaign: started.campaign,
      target: started.target,
      startedAt: started.at,
      longestMs: started.longestMs,
    }),
    ...phaseAfter(event),
    ...(event.kind === 'run-ended' && { verdict: event.verdict }),
    now: Math.max(state.now, event.at),
    faultsSeen: state.faultsSeen + (event.kind === 'fault-planned' ? 1 : 0),
    fault: applyToFault(state.fault, event),
    recent: event.kind === 'harness-usage' ? state.recent : [...state.recent, event].slice(-RECENT),
    stopping: state.stopping ?? stoppingBecause(event),
  };
}

/** @param now the run's clock in epoch ms; an older one than the last event's does not turn time back. */
export const applyFlows = (state: LiveState, flows: readonly LiveFlow[], now: number): LiveState => ({
  ...state,
  flows,
  now: Math.max(state.now, now),
});

/**
 * A frame of at most `height - 1` lines of at most `width` columns; what does not fit is said to be missing.
 */
export function renderLive(state: LiveState, size: FrameSize): string {
  const room = Math.max(1, size.height - 1);
  const head = headerRows(state);
  const fault = faultRows(state);
  const hint = [hintRow(state)];
  const fixed = head.length + fault.length + hint.length;
  const flows = flowRows(state, size.width, Math.max(1, room - fixed - 2));
  const events = eventRows(state, room - fixed - flows.length);
  const all: Row[] = [...head, ...flows, ...fault, ...events];
  return [...all.slice(0, room - 1), ...hint]
    .slice(-room)
    .map((row) => paintRow(row, size))
    .join('\n');
}
