/**
 * A gate with faults: what its blocks have shown, and the recoveries after each fault. It passes when all of
 * them do, and fails when one of them does, each at its part of the level (gate-levels.ts).
 */
import type { GateResult, GateRule } from '../../core/gate.ts';
import type { GateRecovery } from '../../core/gate-recovery.ts';
import type { FaultRecord } from '../../core/result.ts';
import type { VerdictStatus } from '../../core/verdict.ts';
import { levelOfEach } from './gate-levels.ts';
import { judgeRecovery } from './judge-recovery.ts';
import { recoveryPairsOf } from './recovery-pairs.ts';

/** Faults are played only where they can still change the answer. */
export const goesOnWithFaults = ({ status }: Pick<GateResult, 'status'>): boolean =>
  status === 'PASS' || status === 'INCONCLUSIVE';

/** @param blocks what was found without the faults. @param records of all faults, with their recoveries. */
export function withRecoveries(
  blocks: GateResult,
  rule: GateRule,
  records: readonly FaultRecord[],
): GateResult {
  const { recovery, alpha } = rule;
  if (recovery === undefined) return blocks;
  const level = { passLevel: alpha, failLevel: levelOfEach(rule) };
  const recoveries = recovery.faults.flatMap((fault) =>
    recovery.flows.map((flow) => {
      const question = { ...recovery, ...level, fault: fault.name, flow };
      return judgeRecovery(recoveryPairsOf(fault, flow, recovery, records), question);
    }),
  );
  if (!goesOnWithFaults(blocks)) return { ...blocks, recoveries };
  const status = together(blocks.status, recoveries);
  return { ...blocks, recoveries, status, sentence: sentenceOf(blocks, recoveries, status) };
}

function together(blocks: VerdictStatus, recoveries: readonly GateRecovery[]): VerdictStatus {
  const all = recoveries.map((one) => one.status);
  // What the gate promised to play and did not is no data of the candidate's.
  if (all.includes('INVALID') || all.includes('NO-DATA')) return 'INVALID';
  if (all.includes('FAIL')) return 'FAIL';
  return all.every((one) => one === 'PASS') ? blocks : 'INCONCLUSIVE';
}

/** What decides comes first; a pass is of all of them. */
function sentenceOf(
  { status: ofBlocks, sentence }: GateResult,
  recoveries: readonly GateRecovery[],
  status: VerdictStatus,
): string {
  const several = recoveries.some((one) => one.flow !== recoveries[0]?.flow);
  const say = (one: GateRecovery): string => (several ? `${one.flow}: ${one.sentence}` : one.sentence);
  const decides = (one: GateRecovery): boolean =>
    status === 'INVALID' ? one.status === 'INVALID' || one.status === 'NO-DATA' : one.status === status;
  const own = recoveries.filter(decides).map(say);
  return [...(ofBlocks === status ? [sentence] : []), ...own].join('; ');
}
