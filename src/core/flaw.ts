/** What is wrong with a file of a run directory, as data: how it is told is up to whoever has all of them. */
export interface Flaw {
  /** As it is called in the run directory: `counts.ndjson`, `k6/load-end.json`. */
  readonly file: string;
  /** From 1; absent when it is the file as a whole. */
  readonly line?: number;
  /** The last line of a stretch of which it is not known which line it is. */
  readonly toLine?: number;
  readonly text: string;
  /** The file is not there at all. */
  readonly isMissing?: true;
  /** The file that says something else, when two do not agree and either may be wrong. */
  readonly against?: string;
}

export const missing = (file: string): Flaw => ({ file, text: 'is missing', isMissing: true });

/**
 * One sentence a file: a torn line often breaks more than one promise, and forty reasons are read by nobody.
 * In the order in which files come first. Where a file has flaws of its own, what it does not share with
 * another one is a consequence and is left out, on both sides.
 */
export function flawSentences(flaws: readonly Flaw[]): string[] {
  const guilty = new Set(flaws.filter((one) => one.against === undefined).map((one) => one.file));
  const told = flaws.filter(
    (one) => one.against === undefined || !(guilty.has(one.file) || guilty.has(one.against)),
  );
  return [...new Set(told.map((one) => one.file))].map((file) => {
    const own = told.filter((one) => one.file === file);
    // Readers tell what they found before anybody compares. Of a stretch only that the line is in it: an
    // exact one says more.
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
