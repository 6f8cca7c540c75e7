/**
 * The secrets of this process, and the only way to show text in which one may stand. Whoever reads a secret
 * keeps it here; errors, notes, events, journals and reports go through `redact`. A register of the process
 * and no argument: an error can come from anywhere, and one that was forgotten would be shown.
 */
interface Secret {
  /** How it is shown: `[GATEWAY_TOKEN]`. */
  readonly mask: string;
  /** As it may be written: itself, escaped, encoded. */
  readonly forms: readonly string[];
  readonly value: string;
}

const known = new Map<string, Secret>();

/** Texts are cut short: so many signs of its beginning or its end are taken for it. */
const PIECE = 12;
/** Shorter ones are found only as a word of their own: `a` stands in every text. */
const SHORT = 8;

/** @param name such as the environment variable; it is shown instead. */
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
  known.set(value, { mask: `[${name}]`, forms: each, value });
}

/** The text, which is for people, without any secret that is kept: whole, encoded or cut short. */
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

/** Only whole ones that no other text can be: what a program reads again must not change for a likeness. */
function withoutWhole(text: string): string {
  let shown = text;
  for (const { mask, forms } of known.values()) {
    for (const form of forms) if (form.length >= SHORT) shown = shown.replaceAll(form, () => mask);
  }
  return shown;
}

/**
 * All texts inside a value that will become JSON and is read again. Texts for people in it went through
 * {@link redact} before.
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

/** What begins as the secret does, as far as it goes on like it; then what ends as it does. */
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
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![A-Za-z0-9])${escaped}(?![A-Za-z0-9])`, 'g');
};

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
