/**
 * Numbers for readers. A missing number is `–`, never 0; rounding never turns a small share into 0 % or an
 * incomplete one into 100 %.
 */
import type { ObjectiveResult, Recovery } from '../core/result.ts';
import { formatMs } from '../core/units.ts';

export const NONE = '–';
/** U+2212: as wide as a digit, and never followed by a line break. */
const MINUS = '−';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const formatCount = (value: number | null): string => (value === null ? NONE : grouped.format(value));

/** @param value a share from 0 to 1. */
export function formatRatio(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const percent = value * 100;
  if (percent === 0 || percent === 100) return `${percent}%`;
  if (percent > 0 && percent < 0.01) return '<0.01%';
  if (percent < 100 && percent > 99.99) return '>99.99%';
  // Number() removes the trailing zeros: a limit was written as 1%, not as 1.00%.
  return `${Number(percent.toFixed(percent < 10 || percent > 99 ? 2 : 1))}%`;
}

/** A share of a total that may be 0: 0 of 0 is unknown, not 0%. */
export const shareOf = (part: number, whole: number): string => formatRatio(whole > 0 ? part / whole : null);

/** @param value arrivals per second. */
export const formatRate = (value: number | null): string => {
  if (value === null || !Number.isFinite(value)) return NONE;
  const digits = Number.isInteger(value) || value >= 1000 ? 0 : value < 10 ? 2 : 1;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${value.toLocaleString('en-US', options)}/s`;
};

/** How many decimals of seconds are significant with a bound: with ± 100 ms, 3.214 s is too precise. */
function decimalsFor(boundMs: number): number {
  if (boundMs <= 0 || boundMs >= 100) return 1;
  return boundMs >= 10 ? 2 : 3;
}

/** A time that may be negative: `3.2 s`, `−840 ms`. */
export function formatSpan(value: number | null, boundMs = 0): string {
  if (value === null || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  const text = size < 1000 ? `${Math.round(size)} ms` : `${(size / 1000).toFixed(decimalsFor(boundMs))} s`;
  return value < 0 && Math.round(size) > 0 ? `${MINUS}${text}` : text;
}

/** The bound in the unit of its value: `−0.1 s` with seconds, `−100 ms` with milliseconds. */
function formatBound(value: number, boundMs: number): string {
  if (boundMs <= 0) return '';
  if (Math.abs(value) < 1000) return ` (${MINUS}${Math.max(1, Math.round(boundMs))} ms)`;
  const seconds = Math.max(boundMs / 1000, 0.001);
  return ` (${MINUS}${seconds.toFixed(decimalsFor(boundMs))} s)`;
}

/** `3.2 s (−0.1 s)`: the true time is at most this much earlier. Without a value `–`. */
export const formatWithBound = (value: number | null, boundMs: number): string =>
  value === null ? NONE : `${formatSpan(value, boundMs)}${formatBound(value, boundMs)}`;

/** `> 60 s`: whole seconds without decimals, as the limit was written. */
const formatAtLeast = (value: number): string =>
  value >= 1000 && value % 1000 === 0 ? `> ${value / 1000} s` : `> ${formatSpan(value)}`;

/**
 * One of the two recovery times with its bound; `> 60 s` when the watch ended first, `–` when nothing
 * degraded.
 */
export function formatRecovery(recovery: Recovery, since: 'injected' | 'removed'): string {
  const value = since === 'injected' ? recovery.sinceInjectedMs : recovery.sinceRemovedMs;
  if (recovery.status === 'never-degraded' || value === null) return NONE;
  return recovery.status === 'censored' ? formatAtLeast(value) : formatWithBound(value, recovery.boundMs);
}

/** In the unit of an objective. */
export function formatValue(value: number | null, unit: ObjectiveResult['unit']): string {
  if (value === null) return NONE;
  if (unit === 'ratio') return formatRatio(value);
  if (unit === '/s') return formatRate(value);
  if (unit === 'findings') return String(value);
  if (unit === 'instances') return `${value} ready`;
  if (unit === 'count') return formatCount(value);
  return unit === 's' ? `${value.toFixed(value < 10 ? 2 : 1)} s` : formatMs(value);
}

export const formatInterval = (
  interval: readonly [number, number] | null,
  unit: ObjectiveResult['unit'],
): string =>
  interval === null ? NONE : `${formatValue(interval[0], unit)} … ${formatValue(interval[1], unit)}`;

const two = (value: number): string => String(value).padStart(2, '0');

/** `2:41`, `1:02:41`: whole seconds, rounded down, never negative. */
export function formatElapsed(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

/** Time since the start of the run to a tenth of a second: `+00:21.4`. */
export function formatOffset(at: number | null, startMs: number): string {
  if (at === null) return NONE;
  // Tenths first: 21.96 s is 00:22.0, not 00:21.10.
  const tenths = Math.round(Math.abs(at - startMs) / 100);
  const sign = at < startMs && tenths > 0 ? MINUS : '+';
  return `${sign}${formatElapsed(Math.floor(tenths / 10) * 1000)}.${tenths % 10}`;
}

/** `03:12:08` UTC of an epoch time. */
export const formatUtcTime = (at: number): string =>
  Number.isFinite(at) ? new Date(at).toISOString().slice(11, 19) : NONE;

/** `2026-11-21 03:12:08 UTC`; text that is not a date is unchanged. */
export function formatUtc(text: string): string {
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
