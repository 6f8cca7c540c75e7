/**
 * Tonight's target against a reference that is up beside it, in alternating blocks: a gate whose result is
 * one more series of the history.
 */
import { messageOf } from '../core/errors.ts';
import type { NightReference } from '../core/night.ts';
import type { Result } from '../core/result.ts';
import { type GateRequest, gateDryRun, gateStory } from './gate-story.ts';
import type { RunCommandRequest } from './prepare.ts';

export interface ReferenceAsked {
  readonly request: Omit<RunCommandRequest, 'target' | 'out'>;
  /** Names or paths of the targets. */
  readonly reference: string;
  /** Of the reference, as its file says: a series has it in its name. */
  readonly name: string;
  readonly target: string;
  /** Where its folder will be. */
  readonly runDir: string;
}

/** What would keep it from being run, found before the night begins. @throws usage, refused. */
export async function requireReference(asked: ReferenceAsked): Promise<void> {
  await gateDryRun(requestOf(asked));
}

/** Never rejects: the night is measured already, and why there is no comparison belongs to it. */
export async function compareWithReference(asked: ReferenceAsked): Promise<NightReference> {
  try {
    const { input } = await gateStory(requestOf(asked));
    return referenceOf(asked.name, input.result);
  } catch (error) {
    return { target: asked.name, run: null, status: 'NO-DATA', sentence: messageOf(error), ratios: [] };
  }
}

export function referenceOf(target: string, { run, gate, verdict }: Result): NightReference {
  const [reason] = verdict.reasons;
  return {
    ...{ target, run: run.id, status: verdict.status },
    sentence: gate?.sentence ?? reason?.text ?? 'nothing was compared',
    ratios: (gate?.metrics ?? []).flatMap(({ flow, quantity, estimate, low, high }) =>
      quantity === 'failed' ? [] : [{ flow, quantile: quantity, ratio: { value: estimate, low, high } }],
    ),
  };
}

const requestOf = ({ request, reference, target, runDir }: ReferenceAsked): GateRequest => ({
  ...request,
  ...{ out: runDir, aa: false, baseline: reference, candidate: target, flags: {}, isOfNight: true },
});
