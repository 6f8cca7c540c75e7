/** The severity of a word, independent of how it is shown: a colour on a terminal, a class in HTML. */
import type { createColors } from 'picocolors';
import type { FaultRecord, ObjectiveStatus, RecoveryStatus } from '../core/result.ts';
import type { VerdictStatus } from '../core/verdict.ts';

export type Tone = 'plain' | 'soft' | 'strong' | 'good' | 'warn' | 'bad';

type Status = VerdictStatus | ObjectiveStatus | FaultRecord['status'] | RecoveryStatus;

const TONES: Readonly<Record<Status, Tone>> = {
  PASS: 'good',
  FAIL: 'bad',
  INCONCLUSIVE: 'warn',
  'NO-DATA': 'warn',
  INVALID: 'bad',
  RESIDUE: 'bad',
  injected: 'good',
  'not-injected': 'bad',
  residue: 'bad',
  recovered: 'good',
  'never-degraded': 'soft',
  censored: 'bad',
};

export const toneOfStatus = (status: Status): Tone => TONES[status];

type Colors = ReturnType<typeof createColors>;

/** Colour never carries meaning alone: every toned word also states it. */
export const tonePainter =
  (colors: Colors) =>
  (text: string, tone: Tone): string => {
    if (tone === 'plain' || text === '') return text;
    const paint = {
      soft: colors.dim,
      strong: colors.bold,
      good: colors.green,
      warn: colors.yellow,
      bad: colors.red,
    }[tone];
    return paint(text);
  };
