/** Which of its kinds a gate is asked for: two targets, or one on both sides (A/A). */
import { type Problem, usageError } from '../../core/errors.ts';

export interface GateSides {
  readonly aa: boolean;
  readonly baseline: string;
  readonly candidate: string;
  /** How many gates one after another; more than one only of A/A. */
  readonly rounds: number;
}

export interface SideOptions {
  readonly baseline?: string;
  readonly candidate?: string;
  readonly aa?: boolean;
  readonly target?: string;
  readonly rounds?: string;
  readonly candidateVersion?: string;
}

const MOST_ROUNDS = 100;

/** @throws usage with everything that does not go together. */
export function sidesOf(options: SideOptions): GateSides {
  const { baseline, candidate, target } = options;
  const problems: Problem[] = [];
  const need = (subject: string, value: string | undefined, why: string): void => {
    if (value === undefined) problems.push({ subject, expected: `a target ${why}`, got: 'none' });
  };
  const refuse = (subject: string, value: string | undefined, instead: string): void => {
    if (value !== undefined) problems.push({ subject, expected: instead, got: value });
  };
  const rounds = roundsOf(options.rounds, problems);
  if (options.aa === true) {
    need('--target', target, 'that is measured against itself');
    refuse('--baseline', baseline, '--target beside --aa: both sides are one');
    refuse('--candidate', candidate, '--target beside --aa: both sides are one');
    refuse('--candidate-version', options.candidateVersion, 'no version beside --aa: nothing is counted');
  } else {
    need('--baseline', baseline, 'with the version that is in use');
    need('--candidate', candidate, 'with the version that shall replace it');
    refuse('--target', target, '--baseline and --candidate; --target belongs to --aa');
    refuse(
      '--rounds',
      options.rounds,
      'it beside --aa only: a gate that is repeated until it passes errs more often',
    );
  }
  if (problems.length > 0) throw usageError(...problems);
  const [one, other] = options.aa === true ? [target, target] : [baseline, candidate];
  return { aa: options.aa === true, baseline: one ?? '', candidate: other ?? '', rounds };
}

function roundsOf(text: string | undefined, problems: Problem[]): number {
  const rounds = Number(text ?? '1');
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS) return rounds;
  problems.push({
    subject: '--rounds',
    expected: `a whole number from 1 to ${MOST_ROUNDS}`,
    got: JSON.stringify(text),
  });
  return 1;
}
