/** Which of its kinds a gate is asked for: two targets, one on both sides (A/A), or one against earlier runs. */
import { type Problem, usageError } from '../../core/errors.ts';

export type GateMode =
  | { readonly kind: 'sides'; readonly aa: boolean; readonly baseline: string; readonly candidate: string }
  | {
      readonly kind: 'history';
      readonly candidate: string;
      readonly history: { readonly folder: string; readonly last: number; readonly pin: string | null };
    };

export interface ModeOptions {
  readonly baseline?: string;
  readonly candidate?: string;
  readonly aa?: boolean;
  readonly target?: string;
  readonly rounds?: string;
  readonly candidateVersion?: string;
  readonly budget?: string;
  readonly baselineHistory?: string;
  readonly last?: string;
  readonly pin?: string;
}

export interface AskedGate {
  readonly mode: GateMode;
  /** How many gates one after another; more than one only of A/A. */
  readonly rounds: number;
}

const MOST_ROUNDS = 100;
const MOST_RUNS = 1000;
const USUAL_RUNS = 20;

/** @throws usage with everything that does not go together. */
export function modeOf(options: ModeOptions): AskedGate {
  const { baseline, candidate, target, baselineHistory: folder, pin } = options;
  const problems: Problem[] = [];
  const need = (subject: string, value: string | undefined, why: string): void => {
    if (value === undefined) problems.push({ subject, expected: `a target ${why}`, got: 'none' });
  };
  const refuse = (subject: string, value: string | undefined, instead: string): void => {
    if (value !== undefined) problems.push({ subject, expected: instead, got: value });
  };
  const rounds = countOf('--rounds', options.rounds ?? '1', MOST_ROUNDS, problems);
  const last = countOf('--last', options.last ?? String(USUAL_RUNS), MOST_RUNS, problems);
  const once = 'it beside --aa only: a gate that is repeated until it passes errs more often';
  if (options.aa === true) {
    need('--target', target, 'that is measured against itself');
    refuse('--baseline', baseline, '--target beside --aa: both sides are one');
    refuse('--candidate', candidate, '--target beside --aa: both sides are one');
    refuse('--candidate-version', options.candidateVersion, 'no version beside --aa: nothing is counted');
    refuse('--baseline-history', folder, 'no earlier runs beside --aa');
  } else {
    need('--candidate', candidate, 'with the version that shall replace the baseline');
    if (folder === undefined) need('--baseline', baseline, 'with the version that is in use');
    else {
      refuse('--baseline', baseline, 'one baseline: a target that is up, or --baseline-history');
      refuse('--budget', options.budget, 'no budget beside --baseline-history: it is one run');
    }
    refuse('--target', target, '--baseline and --candidate; --target belongs to --aa');
    refuse('--rounds', options.rounds, once);
  }
  if (folder === undefined) {
    refuse('--last', options.last, 'it beside --baseline-history only');
    refuse('--pin', pin, 'it beside --baseline-history only');
  }
  if (problems.length > 0) throw usageError(...problems);
  if (folder !== undefined)
    return {
      rounds,
      mode: { kind: 'history', candidate: candidate ?? '', history: { folder, last, pin: pin ?? null } },
    };
  const aa = options.aa === true;
  const [one, other] = aa ? [target, target] : [baseline, candidate];
  return { rounds, mode: { kind: 'sides', aa, baseline: one ?? '', candidate: other ?? '' } };
}

function countOf(subject: string, text: string, most: number, problems: Problem[]): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  problems.push({ subject, expected: `a whole number from 1 to ${most}`, got: JSON.stringify(text) });
  return 1;
}
