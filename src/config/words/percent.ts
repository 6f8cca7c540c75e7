/** Percent as users write it, and back. */

export const PERCENT = /^\s*\d+(\.\d+)?\s*%\s*$/;

/** NaN for anything else than {@link PERCENT}. */
export const percentOf = (text: string): number => Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())?.[1]);

/** @param value 1 is 100 %. 0.07 * 100 is 7.000000000000001. */
export const writePercent = (value: number): string => `${Number((value * 100).toPrecision(15))}%`;
