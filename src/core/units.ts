/**
 * Units as branded numbers, and the only place where text becomes a quantity. Instants (`EpochMs`, of the one
 * monotonic clock of a run) and durations (`Ms`) are milliseconds; latencies are whole microseconds (`Us`).
 */
declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A duration in milliseconds. */
export type Ms = Unit<'ms'>;
/** A duration in microseconds; what histograms record. */
export type Us = Unit<'us'>;
/** An arrival rate in iterations per second, greater than 0. */
export type PerSecond = Unit<'per-second'>;
/** A bandwidth in bits per second. */
export type BitsPerSecond = Unit<'bit/s'>;
/** A share from 0 to 1. */
export type Ratio = Unit<'ratio'>;
/** Milliseconds since the epoch, taken from the run's one clock (see clock.ts), with fractions. */
export type EpochMs = Unit<'epoch-ms'>;

export const ms = (value: number): Ms => value as Ms;
export const us = (value: number): Us => value as Us;
export const perSecond = (value: number): PerSecond => value as PerSecond;
export const bitsPerSecond = (value: number): BitsPerSecond => value as BitsPerSecond;
export const ratio = (value: number): Ratio => value as Ratio;
export const epochMs = (value: number): EpochMs => value as EpochMs;

/** The answer of a parser: a value, or what was expected, and what to write where that is known. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly next?: string };

const good = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = (expected: string): { readonly ok: false; readonly expected: string } => ({
  ok: false,
  expected,
});

const DURATION_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const RATE_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
/** Network bandwidths are decimal: 1 kbit = 1000 bit (as in `tc`, IEC 80000-13). */
const BANDWIDTH_BITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

export const DURATION_EXPECTED = 'a duration with a unit (us, ms, s, m, h), such as 500ms or 8s';
export const RATE_EXPECTED = 'an arrival rate greater than 0, such as 100/s or 30/m';
export const BANDWIDTH_EXPECTED =
  'a bandwidth greater than 0 in bit, kbit, mbit or gbit (per second), such as 256kbit';
export const RATIO_EXPECTED = 'a share from 0% to 100%, such as 1% or 0.5%';

function split(text: unknown, pattern: RegExp): readonly [number, string] | undefined {
  if (typeof text !== 'string') return undefined;
  const match = pattern.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const value = Number(match[1]);
  return Number.isFinite(value) ? [value, match[2]] : undefined;
}

/**
 * A week. Node's timers end at 24.8 days, and a longer one fires at once; sums of a few durations stay below
 * that.
 */
const LONGEST_HOURS = 168;
/** Above it, no machine with one address has enough ports and files for a stall of one second. */
export const HIGHEST_RATE = 100_000;
/** Below one arrival an hour there is no load, and k6 takes whole numbers per 1,000 hours. */
export const LOWEST_RATE = 1 / 3600;

/** Parses `8s`, `500ms`, `1.5m`; zero is allowed, a missing or unknown unit and more than a week are not. */
export function parseDuration(text: unknown): Parsed<Ms> {
  const found = split(text, /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|h)$/);
  const factor = found && DURATION_MS[found[1]];
  if (!found || factor === undefined) return bad(DURATION_EXPECTED);
  const value = found[0] * factor;
  return value <= LONGEST_HOURS * 3_600_000
    ? good(ms(value))
    : bad(`a duration of at most ${LONGEST_HOURS}h`);
}

/** Makes a parser of durations with a minimum. @param least as a user would write it, such as `2s`. */
export function durationFrom(least: string): (text: unknown) => Parsed<Ms> {
  const bound = parseDuration(least);
  return (text) => {
    const parsed = parseDuration(text);
    if (!parsed.ok || !bound.ok || parsed.value >= bound.value) return parsed;
    return bad(`a duration of at least ${least}`);
  };
}

/** Parses `100/s`, `30/m`; from 1/h to 100000/s. */
export function parseRate(text: unknown): Parsed<PerSecond> {
  const found = split(text, /^(\d+(?:\.\d+)?)\s*\/\s*(s|m|h)$/);
  const seconds = found && RATE_SECONDS[found[1]];
  if (!found || seconds === undefined || found[0] === 0) return bad(RATE_EXPECTED);
  const value = found[0] / seconds;
  if (value >= LOWEST_RATE && value <= HIGHEST_RATE) return good(perSecond(value));
  return bad(`an arrival rate from 1/h to ${HIGHEST_RATE}/s`);
}

/** Parses `256kbit`, `1mbit`; `/s` may follow. */
export function parseBandwidth(text: unknown): Parsed<BitsPerSecond> {
  const found = split(text, /^(\d+(?:\.\d+)?)\s*(bit|kbit|mbit|gbit)(?:\/s)?$/);
  const factor = found && BANDWIDTH_BITS[found[1]];
  return found && factor !== undefined && found[0] > 0
    ? good(bitsPerSecond(found[0] * factor))
    : bad(BANDWIDTH_EXPECTED);
}

/** Parses `1%`, `99.9%` to a share from 0 to 1. */
export function parseRatio(text: unknown): Parsed<Ratio> {
  const found = split(text, /^(\d+(?:\.\d+)?)\s*(%)$/);
  return found && found[0] <= 100 ? good(ratio(found[0] / 100)) : bad(RATIO_EXPECTED);
}

/** `1500` → `1.5 s`, `12.345` → `12.3 ms`: three significant digits are enough for a reader. */
export function formatMs(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  if (value >= 100) return `${value.toFixed(0)} ms`;
  return `${value.toFixed(value >= 10 ? 1 : 2)} ms`;
}

/** `119 s`, `9 min 20 s`: whole seconds are precise enough for a plan. */
export function formatLength(value: number): string {
  const seconds = Math.ceil(value / 1000);
  if (seconds < 120) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}
