/** The id of a night is made of its content: a changed record is no longer the night that its name says. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Night } from '../../core/night.ts';
import { redactAll } from '../../core/secrets.ts';

/** By accident two of a million nights are the same once in 500 histories. */
const DIGITS = 12;

/** The first 12 hexadecimal digits of the SHA-256 of its canonical JSON. */
export const contentHash = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, DIGITS);

export function nightIdOf({
  id: _,
  ...fields
}: Night | (Omit<Night, 'id'> & { readonly id?: string })): string {
  return `${fields.run}-${contentHash(fields)}`;
}

/** As it will be read again: without secrets, and without what JSON has no word for. */
export function withNightId(fields: Omit<Night, 'id'>): Night {
  const { schema, id: _, ...rest } = JSON.parse(JSON.stringify(redactAll(fields))) as Night;
  return { schema, id: nightIdOf({ schema, ...rest }), ...rest };
}
