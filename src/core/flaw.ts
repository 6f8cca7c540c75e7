/**
 * A flaw in a file of a run directory, as data; the caller that has collected all flaws decides how to report
 * them.
 */
export interface Flaw {
  /** The file's name in the run directory: `counts.ndjson`, `k6/load-end.json`. */
  readonly file: string;
  /** From 1; absent when the flaw is in the file as a whole. */
  readonly line?: number;
  /** The last line of a range, when the exact line is unknown. */
  readonly toLine?: number;
  readonly text: string;
  /** The file does not exist. */
  readonly isMissing?: true;
  /** The file that contradicts this one, when two disagree and either may be wrong. */
  readonly against?: string;
}

export const missing = (file: string): Flaw => ({ file, text: 'is missing', isMissing: true });

/**
 * One sentence a file: a torn line often causes several flaws, and forty reasons cannot be read. In the order
 * in which files come first. Where a file has flaws of its own, its disagreements with other files are a
 * consequence and are omitted, on both sides.
 */
export function flawSentences(flaws: readonly Flaw[]): string[] {
  const guilty = new Set(flaws.filter((one) => one.against === undefined).map((one) => one.file));
  const told = flaws.filter(
    (one) => one.against === undefined || !(guilty.has(one.file) || guilty.has(one.against)),
  );
  return [...new Set(told.map((one) => one.file))].map((file) => {
    const own = told.filter((one) => one.file === file);
    // Readers report their flaws before files are compared. A range only says that the line is in it; an
    // exact line is more useful.
    const best =
      (own[0]?.toLine === undefined ? own[0] : own.find((one) => one.toLine === undefined)) ?? own[0];
    const lines = new Set(own.filter((one) => one.toLine === undefined).flatMap((one) => one.line ?? []));
    const more = best?.line !== undefined && lines.size > 1 ? ` (and ${lines.size - 1} more)` : '';
    return `${file}${placeOf(best)} ${best?.text}${more}`;
  });
}

function placeOf(flaw: Flaw | undefined): string {
  if (flaw?.line === undefined) return '';
  return flaw.toLine === undefined ? `:${flaw.line}` : `:${flaw.line}-${flaw.toLine}`;
}
