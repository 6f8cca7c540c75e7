/** The current step for the live view: one fault, or several that are in place together. */
import type { RunEvent } from '../../core/events.ts';
import { faultPhase, recoveryPhase, withoutRound } from '../../core/fault-steps.ts';
import type { FaultRecord } from '../../core/result.ts';
import { isProbe, slowestRecovery } from '../rows.ts';
import type { FaultStage, LiveFault, LiveState } from './state.ts';

const newFault = (name: string, victims: readonly string[]): LiveFault => ({
  name,
  victims,
  group: null,
  reached: {},
  undoing: false,
  trouble: null,
  recovered: {},
  done: null,
});

function outcomeOf(record: FaultRecord): LiveFault['done'] {
  const statuses = Object.values(record.recovery).map((one) => one.status);
  // An unknown state is not good.
  if (statuses.length === 0) return null;
  if (statuses.includes('censored')) return 'not recovered';
  return statuses.includes('recovered') ? 'recovered' : 'not degraded';
}

/** The instant of the last recovery, which precedes the end of its watch. */
function recoveredAt(record: FaultRecord, done: LiveFault['done']): LiveFault['reached'] {
  const from = record.injectedAt ?? record.appliedAt;
  const last = slowestRecovery(record)?.recovery.sinceInjectedMs ?? null;
  return done === 'recovered' && from !== null && last !== null ? { recovered: from + last } : {};
}

function applyToFault(before: LiveFault | null, event: RunEvent): LiveFault | null {
  if (event.kind === 'fault-planned') {
    const { fault, victims, group = null } = event;
    return { ...newFault(fault, victims), group, reached: { planned: event.at } };
  }
  const named = 'fault' in event ? event.fault : event.kind === 'fault-done' ? event.record.name : null;
  if (named === null) return before;
  const fault = before?.name === named ? before : newFault(named, []);
  const reach = (stage: FaultStage): LiveFault['reached'] => ({ ...fault.reached, [stage]: event.at });
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
      return { ...fault, recovered: { ...fault.recovered, [event.sli]: event.sinceInjectedMs } };
    case 'relapsed': {
      const { [event.sli]: _again, ...recovered } = fault.recovered;
      return { ...fault, recovered };
    }
    case 'fault-done': {
      const done = outcomeOf(event.record);
      return { ...fault, done, reached: { ...fault.reached, ...recoveredAt(event.record, done) } };
    }
    default:
      return fault;
  }
}

type WatchEnd = Extract<RunEvent, { kind: 'recovery-watched' }>;

/**
 * The final status of a fault while the run continues; the report shows the same, because it judges up to the
 * same instant.
 */
function afterWatch(fault: LiveFault, { notBack }: WatchEnd): LiveFault {
  const open = notBack[fault.name];
  if (open === undefined) return fault;
  const { applied = 0, injected = applied } = fault.reached;
  const backAt = Object.entries(fault.recovered).map(
    ([sli, since]) => since + (isProbe(sli) ? injected : applied),
  );
  if (open.length > 0) return { ...fault, done: 'not recovered' };
  if (backAt.length === 0) return { ...fault, done: 'not degraded' };
  return { ...fault, done: 'recovered', reached: { ...fault.reached, recovered: Math.max(...backAt) } };
}

type Step = Pick<LiveState, 'fault' | 'beside'>;

/** The fault of the event, and those that are in place together with it. */
export function applyToStep({ fault: latest, beside }: Step, event: RunEvent): Step {
  if (event.kind === 'recovery-watched') {
    return {
      fault: latest === null ? null : afterWatch(latest, event),
      beside: beside.map((one) => afterWatch(one, event)),
    };
  }
  const name = nameIn(event);
  if (name === null) return { fault: latest, beside };
  const all = latest === null ? [] : [...beside, latest];
  const fault = applyToFault(all.find((one) => one.name === name) ?? null, event);
  const isBeside = (one: LiveFault): boolean =>
    one.name !== name && one.group?.how === 'together' && one.group.name === fault?.group?.name;
  return { fault, beside: all.filter(isBeside) };
}

const nameIn = (event: RunEvent): string | null =>
  'fault' in event ? event.fault : event.kind === 'fault-done' ? event.record.name : null;

type PhaseOf = Partial<Pick<LiveState, 'phase' | 'phaseSince'>>;

/** The phase that began with an event: the same boundaries as in the report. */
export function phaseAfter(state: LiveState, { fault, beside }: Step, event: RunEvent): PhaseOf {
  if (event.kind === 'phase') return { phase: event.name, phaseSince: event.at };
  if (event.kind !== 'fault-applied' && event.kind !== 'fault-removed') return {};
  const group = fault?.group ?? null;
  const name = group?.how === 'together' ? group.name : event.fault;
  if (event.kind === 'fault-applied') {
    const phase = faultPhase(name);
    // A group's phase begins with the first of its acts.
    return beside.length > 0 && state.phase === phase ? {} : { phase, phaseSince: event.at };
  }
  const isInPlace = ({ reached }: LiveFault): boolean =>
    reached.applied !== undefined && reached.removed === undefined;
  if (beside.some(isInPlace)) return {};
  const last = group?.how === 'then' ? withoutRound(group.name).split(',').at(-1) : undefined;
  const isLast = last === undefined || last === withoutRound(event.fault);
  return { phase: isLast ? recoveryPhase(name) : 'between two faults', phaseSince: event.at };
}
