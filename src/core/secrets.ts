/**
 * The secrets of this process, and the only way to print text that may contain one. The code that reads a
 * secret registers it here; errors, notes, events, journals and reports go through `redact`. The register is
 * global and not an argument: an error can come from any code, and a forgotten argument would leak.
 */
import { literal } from './literal.ts';

interface Secret {
  /** How it is shown: `[STAGING_TOKEN]`. */
  readonly mask: string;
  /** The forms in which it may be written: literal, escaped, encoded. */
  readonly forms: readonly string[];
  readonly value: string;
}

/** By value: two names of one secret have one mask. */
const known = new Map<string, Secret>();
const byName = new Map<string, string>();

/** Texts get truncated: this many characters of its beginning or end are treated as the secret. */
const PIECE = 12;
/** A shorter secret is replaced only as a separate word: `a` occurs in every text. */
const SHORT = 8;

/** @param name such as the environment variable; shown instead of the secret. */
export function keepSecret(name: string, value: string): void {
  if (value === '') return;
  const forms = [
    value,
    value.trim(),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    base64(value),
    base64(value).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
  ];
  const each = [...new Set(forms)].filter((one) => one !== '').sort((a, b) => b.length - a.length);
  byName.set(name, value);
  known.set(value, { mask: `[${name}]`, forms: each, value });
}

/** The value that was registered under this name; undefined: none was. */
export const secretNamed = (name: string): string | undefined => byName.get(name);

/** The text, for people, without any registered secret: whole, encoded or truncated. */
export function redact(text: string): string {
  let shown = withoutWhole(text);
  for (const { mask, forms, value } of known.values()) {
    for (const form of forms) {
      if (form.length < SHORT) shown = shown.replace(asWord(form), () => mask);
    }
    if (value.length > PIECE) shown = withoutPieces(shown, value, mask);
  }
  return shown;
}

/**
 * Replaces only whole secrets that cannot be other text: what a program reads again must not change because
 * of a similarity.
 */
function withoutWhole(text: string): string {
  let shown = text;
  for (const { mask, forms } of known.values()) {
    for (const form of forms) if (form.length >= SHORT) shown = shown.replaceAll(form, () => mask);
  }
  return shown;
}

/**
 * All texts inside a value that will be written as JSON and read again. Texts for people in it have already
 * passed through {@link redact}.
 */
export function redactAll<Value>(value: Value): Value {
  if (known.size === 0) return value;
  return redacted(value) as Value;
}

function redacted(value: unknown): unknown {
  if (typeof value === 'string') return withoutWhole(value);
  if (Array.isArray(value)) return value.map(redacted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, redacted(one)]));
}

/** Matches the longest prefix of the secret, then the longest suffix. */
function withoutPieces(text: string, secret: string, mask: string): string {
  const head = secret.slice(0, PIECE);
  const tail = secret.slice(-PIECE);
  let shown = text;
  for (let at = shown.indexOf(head); at >= 0; at = shown.indexOf(head, at + mask.length)) {
    let end = at + PIECE;
    while (end < shown.length && end - at < secret.length && shown[end] === secret[end - at]) end += 1;
    shown = shown.slice(0, at) + mask + shown.slice(end);
  }
  for (let at = shown.indexOf(tail); at >= 0; at = shown.indexOf(tail, at + mask.length)) {
    const end = at + PIECE;
    let from = at;
    while (
      from > 0 &&
      end - from < secret.length &&
      shown[from - 1] === secret[secret.length - (end - from) - 1]
    )
      from -= 1;
    shown = shown.slice(0, from) + mask + shown.slice(end);
    at = from;
  }
  return shown;
}

const asWord = (form: string): RegExp => {
  return new RegExp(`(?<![A-Za-z0-9])${literal(form)}(?![A-Za-z0-9])`, 'g');
};

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
