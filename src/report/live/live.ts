/**
 * The live view of a run: a reducer (initialLive, applyEvent, applyFlows) and its frame (renderLive). Every
 * frame fits the width and leaves the last row free, so that printing it never scrolls the terminal.
 */
import type { RunEvent } from '../../core/events.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import type { Plan } from '../../core/plan.ts';
import {
  eventRows,
  type FrameSize,
  faultRows,
  flowRows,
  headerRows,
  hintRow,
  paintRow,
  type Row,
} from './frame.ts';
import type { LiveState } from './state.ts';
import { applyToStep, phaseAfter } from './step.ts';

/** More than any terminal shows; older lines are in the files. */
const RECENT = 40;

/** @param plan gives the number of faults; everything else arrives with the first event. */
export const initialLive = (plan?: Plan): LiveState => ({
  campaign: plan?.campaign ?? null,
  target: plan?.target ?? null,
  startedAt: null,
  now: 0,
  longestMs: plan?.longestMs ?? null,
  expectedMs: plan?.expectedMs ?? null,
  faultsPlanned: plan?.faults.length ?? null,
  faultsSeen: 0,
  phase: null,
  phaseSince: null,
  flows: [],
  fault: null,
  beside: [],
  recent: [],
  stopping: null,
  verdict: null,
});

function stoppingBecause(event: RunEvent): string | null {
  if (event.kind === 'interrupted') return `interrupted by ${event.signal}`;
  if (event.kind === 'abort') return `aborted: ${event.why}`;
  return event.kind === 'failed' ? `failed: ${event.why}` : null;
}

export function applyEvent(state: LiveState, event: RunEvent): LiveState {
  const started = event.kind === 'run-started' ? event : null;
  const step = applyToStep(state, event);
  return {
    ...state,
    ...(started && {
      campaign: started.campaign,
      target: started.target,
      startedAt: started.at,
      longestMs: started.longestMs,
      expectedMs: started.expectedMs ?? null,
    }),
    ...phaseAfter(state, step, event),
    ...(event.kind === 'run-ended' && { verdict: event.verdict }),
    now: Math.max(state.now, event.at),
    faultsSeen: state.faultsSeen + (event.kind === 'fault-planned' ? 1 : 0),
    ...step,
    recent: event.kind === 'harness-usage' ? state.recent : [...state.recent, event].slice(-RECENT),
    stopping: state.stopping ?? stoppingBecause(event),
  };
}

/** @param now the run's clock in epoch ms; a value before the last event does not set the time back. */
export const applyFlows = (state: LiveState, flows: readonly LiveFlow[], now: number): LiveState => ({
  ...state,
  flows,
  now: Math.max(state.now, now),
});

/** A frame of at most `height - 1` lines of at most `width` columns; it states how much does not fit. */
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
