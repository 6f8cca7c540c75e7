/** The first line of every report: the result and its reason, in one sentence. */
import { attemptText, type GateResult } from '../core/gate.ts';
import { insecureText } from '../core/insecure-text.ts';
import { plain } from '../core/plain.ts';
import type { Result } from '../core/result.ts';
import type { ReportInput } from './input.ts';
import { reasonsWorstFirst, totalsOf } from './rows.ts';

/** `INCONCLUSIVE: P99 ratio 1.04 (0.97–1.12) after 32 pairs; 51 more, 22 min, for +10 %`. */
export function answerOf(input: ReportInput): string {
  const { verdict, gate, history } = input.result;
  const plan = input.plan.gate ?? input.plan.history;
  const attempt = plan ? attemptText(plan) : null;
  const judged = gate ?? history;
  const alone = gate ? 'the pairs alone' : 'the comparison alone';
  const told = judged ? gateSentence(input.result, judged, alone) : runSentence(input);
  const open = insecureText(input.plan);
  const more = [attempt, open].flatMap((one) => (one === null ? [] : [`; ${one}`]));
  return plain(`${verdict.status}: ${told}${more.join('')}`);
}

/** A gate's verdict may be worse than that of its pairs: interrupted, or with an unbalanced ledger. */
function gateSentence(
  { verdict }: Result,
  gate: Pick<GateResult, 'status' | 'sentence'>,
  alone: string,
): string {
  if (gate.status === verdict.status) return gate.sentence;
  const why = reasonsWorstFirst(verdict.reasons)[0]?.text ?? 'no reason was given';
  return `${why}; ${alone}: ${gate.status}, ${gate.sentence}`;
}

function runSentence(input: ReportInput): string {
  const { verdict } = input.result;
  const [worst, ...others] = reasonsWorstFirst(verdict.reasons).filter((one) => one.status !== 'PASS');
  if (worst !== undefined)
    return others.length === 0 ? worst.text : `${worst.text} (and ${others.length} more)`;
  const { objectives, objectivesMet, faults, faultsProven } = totalsOf(input);
  const broken = faults === 0 ? '' : `, ${faultsProven} of ${faults} faults proven`;
  return `${objectivesMet} of ${objectives} objectives met${broken}`;
}
