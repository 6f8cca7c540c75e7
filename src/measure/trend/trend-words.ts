/** Numbers of a trend in words, as all its sentences have them. */

/** U+2212. */
const signOf = (value: number): string => (value < 0 ? '−' : '+');

/** `+22 %`, `+1.3 %`: a digit after the point below ten. */
export const percentWords = (share: number): string => `${signOf(share)}${sizeOf(share)} %`;

/** `22`, `1.3`: the size of a share in percent. */
export const sizeOf = (share: number): string => {
  const percent = Math.abs(share * 100);
  return percent.toFixed(percent < 9.95 ? 1 : 0).replace(/\.0$/, '');
};

/** Of a difference of shares: `+1.3 points`, `+0.04 points`. */
export const pointsWords = (difference: number): string =>
  `${signOf(difference)}${pointsSize(difference)} points`;

export function pointsSize(difference: number): string {
  const points = Math.abs(difference * 100);
  return String(Number(points.toFixed(points < 1 ? 2 : 1)));
}

/** `20.1 s`, `60 s`, `350 ms`. */
export const secondsWords = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;

/** The day of a night, UTC. */
export const dayOf = (startedAt: string): string => startedAt.slice(0, 10);

export const countWords = (count: number, word: string): string =>
  `${count} ${word}${count === 1 ? '' : 's'}`;
