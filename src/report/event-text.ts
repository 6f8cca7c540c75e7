/** One plain sentence per event of the timeline; a kind without a sentence does not compile. */
import { assertNever } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import { plain } from '../core/plain.ts';
import type { FaultRecord } from '../core/result.ts';
import { formatMs } from '../core/units.ts';
import { sideText } from './audit-rows.ts';
import { formatElapsed, formatRatio, formatRecovery, formatSpan } from './format.ts';
import { sliName, slowestRecovery } from './rows.ts';

const list = (words: readonly string[]): string => (words.length === 0 ? '' : ` (${words.join(', ')})`);

const auditedText = ({ side, audit }: Extract<RunEvent, { kind: 'audited' }>): string =>
  `audit ${side === 'before' ? 'before the load' : 'after the last recovery'}: ${sideText(audit)}`;

function loadText(event: Extract<RunEvent, { kind: 'load-stopped' }>): string {
  const how = event.exitCode === null ? 'by a signal' : `with exit code ${event.exitCode}`;
  return event.expected
    ? `load ${event.scenario}: stopped`
    : `load ${event.scenario}: ended too early, ${how}`;
}

function usageText(event: Extract<RunEvent, { kind: 'harness-usage' }>): string {
  const share = (cpuMs: number): string => formatRatio(event.spanMs > 0 ? cpuMs / event.spanMs : null);
  const harness = `harness ${share(event.harnessCpuMs)} of a core, ${Math.round(event.harnessRssMb)} MB`;
  return `usage: ${harness}; k6 ${share(event.k6CpuMs)}, ${Math.round(event.k6RssMb)} MB`;
}

function doneText(record: FaultRecord): string {
  if (record.status !== 'injected') return `${record.name}: done, ${record.status}`;
  // While the run continues, the watch has only begun: the users' state is not known yet.
  if (Object.keys(record.recovery).length === 0) return `${record.name}: over, watching the recovery`;
  const slowest = slowestRecovery(record);
  if (slowest === null) return `${record.name}: done, nothing degraded`;
  const time = formatRecovery(slowest.recovery, 'injected');
  return slowest.recovery.status === 'censored'
    ? `${record.name}: done, ${sliName(slowest)} NOT recovered (${time})`
    : `${record.name}: done, all recovered, ${sliName(slowest)} last after ${time}`;
}

function watchedText(notBack: Readonly<Record<string, readonly string[]>>): string {
  const open = Object.entries(notBack).flatMap(([fault, slis]) => slis.map((sli) => `${sli} after ${fault}`));
  return open.length === 0
    ? `${Object.keys(notBack).join(' + ')}: the watch is over, everything has recovered`
    : `the watch is over, NOT recovered: ${open.join(', ')}`;
}

function sentence(event: RunEvent): string {
  switch (event.kind) {
    case 'run-started': {
      const what = `campaign ${event.campaign} on target ${event.target}, seed ${event.seed}`;
      const about = event.expectedMs === undefined ? '' : `about ${formatElapsed(event.expectedMs)}, `;
      return `run ${event.id}: ${what}, ${about}at most ${formatElapsed(event.longestMs)}`;
    }
    case 'step':
      return event.text;
    case 'load-started':
      return `load ${event.scenario}: started as pid ${event.pid}`;
    case 'phase':
      return `phase ${event.name}`;
    case 'baseline': {
      const slow = `slow above ${formatMs(event.slowUs / 1000)}`;
      const seen = `P99 ${formatMs(event.p99Us / 1000)}, failed ${formatRatio(event.failedRatio)}`;
      return `baseline ${event.flow}: ${seen}, ${slow}`;
    }
    case 'fault-planned':
      return `${event.fault}: planned on ${event.victims.join(', ') || 'nothing'}${list(event.timers)}`;
    case 'fault-applied':
      return `${event.fault}: applied`;
    case 'fault-injected':
      return `${event.fault}: injected, proven within ${formatSpan(event.boundMs)}: ${event.evidence}`;
    case 'fault-not-injected':
      return `${event.fault}: NOT injected: ${event.evidence}`;
    case 'fault-undoing':
      return `${event.fault}: undoing (${event.why})`;
    case 'fault-removed':
      return `${event.fault}: removed, proven within ${formatSpan(event.boundMs)}: ${event.evidence}`;
    case 'fault-residue':
      return `${event.fault}: RESIDUE, not proven removed: ${event.evidence}`;
    case 'recovered':
      return `${event.fault}: ${event.sli} recovered ${formatSpan(event.sinceInjectedMs)} after injection`;
    case 'relapsed':
      return `${event.fault}: ${event.sli} is bad again, ${formatSpan(event.sinceInjectedMs)} after injection`;
    case 'recovery-watched':
      return watchedText(event.notBack);
    case 'fault-done':
      return doneText(event.record);
    case 'audited':
      return auditedText(event);
    case 'abort':
      return `ABORT: ${event.why}`;
    case 'abort-condition-met':
      return `the abort condition had held ${formatSpan(event.at - event.metAt)} before this`;
    case 'load-stopped':
      return loadText(event);
    case 'harness-usage':
      return usageText(event);
    case 'instances-ready':
      return `${event.service}: ${event.ready} instances ready`;
    case 'instances-unwatched':
      return `${event.service}: how many instances are ready was not watched (${event.why})`;
    case 'instances-watched':
      return `${event.service}: the watch of its ready instances has ended`;
    case 'clock-step':
      return `the wall clock stepped by ${formatSpan(event.byMs)}`;
    case 'failed':
      return `FAILED: ${event.why}`;
    case 'interrupted':
      return `INTERRUPTED by ${event.signal}: stopping and undoing`;
    case 'closed':
      return 'run closed: load, faults and lease are ended';
    case 'run-ended':
      return `verdict ${event.verdict.status} (exit ${event.verdict.exitCode})`;
    default:
      return assertNever(event);
  }
}

/** One line without control characters, whatever a target put into its evidence. */
export const eventText = (event: RunEvent): string => plain(sentence(event));
