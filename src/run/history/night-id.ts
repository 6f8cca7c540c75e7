/** The id of a night is made of its content: a changed record is no longer the night that its name says. */
import { createHash } from 'node:crypto';
import type { Night } from '../../core/night.ts';

/** 12 hexadecimal digits: by accident two of a million nights are the same once in 500 histories. */
const DIGITS = 12;

export function nightIdOf({
  id: _,
  ...fields
}: Night | (Omit<Night, 'id'> & { readonly id?: string })): string {
  const digest = createHash('sha256').update(canonical(fields)).digest('hex');
  return `${fields.run}-${digest.slice(0, DIGITS)}`;
}

export const withNightId = (fields: Omit<Night, 'id'>): Night => {
  const { schema, ...rest } = fields;
  return { schema, id: nightIdOf(fields), ...rest };
};

/** JSON with the keys of every map in order: the same fields have one text, whoever wrote them. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : one,
  );
}
