/** Files of a history, parsed: each is whole, at its place and unchanged, or a problem. */
import type { z } from 'zod';
import { messageOf, type Problem, show } from '../../core/errors.ts';
import type { HistoryOf, Pin, ToldChange } from '../../core/history.ts';
import type { Night } from '../../core/night.ts';
import type { QuarantineEntry } from '../../core/quarantine.ts';
import { pinShape, toldShape } from '../../core/shapes/history-shape.ts';
import { nightShape } from '../../core/shapes/night-shape.ts';
import { quarantineShape } from '../../core/shapes/quarantine-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import { contentHash, nightIdOf } from './night-id.ts';
import { entryPath, nightPath, type Part } from './paths.ts';

export interface EntryOf {
  readonly night: Night;
  readonly pins: Pin;
  readonly told: ToldChange;
  readonly quarantine: QuarantineEntry;
}

export type RecordKind = keyof EntryOf;

interface Form {
  readonly what: string;
  readonly schema: string;
  readonly shape: z.ZodType;
  /** Where a record of this content is kept. */
  place(record: never): string;
}

export const FORMS: Readonly<Record<RecordKind, Form>> = {
  night: { what: 'a night', schema: 'gauntlet.night/1', shape: nightShape, place: nightPath },
  pins: {
    ...{ what: 'a pin', schema: 'gauntlet.pin/1', shape: pinShape },
    place: (pin: Pin) => entryPath(pin, 'pins', contentHash(pin)),
  },
  told: {
    ...{ what: 'a change that was told', schema: 'gauntlet.told/1', shape: toldShape },
    place: (told: ToldChange) => entryPath(told, 'told', contentHash(told)),
  },
  quarantine: {
    ...{ what: 'an entry of the quarantine', schema: 'gauntlet.quarantine/1', shape: quarantineShape },
    place: (entry: QuarantineEntry) => entryPath(entry, 'quarantine', contentHash(entry)),
  },
};

export type ParsedPart = { readonly record: HistoryOf | Night } | { readonly problem: Problem };

const ALTERED =
  'Records are written once and never changed: restore the file from a copy, or delete it and add its run again.';
const OTHER_VERSION = 'Use the version of Gauntlet that wrote it.';

/** @param subject the file, as messages name it. */
export function parsePart(
  part: Part & { readonly kind: RecordKind },
  subject: string,
  text: string,
): ParsedPart {
  const { what, schema, shape, place } = FORMS[part.kind];
  const problem = (expected: string, got: string, next = ALTERED): ParsedPart => ({
    problem: { subject, expected, got, next },
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return problem(
      `${what} as JSON`,
      text.trim() === '' ? 'an empty file' : 'text that is cut off or changed',
    );
  }
  const written = (json as { schema?: unknown } | null)?.schema;
  if (written !== schema)
    return problem(`schema ${schema}`, show(written), isOther(written, schema) ? OTHER_VERSION : ALTERED);
  const wrong = shapeProblem(shape, json);
  if (wrong !== null) return problem(what, wrong.text);
  try {
    const id = part.kind === 'night' ? nightIdOf(json as Night) : null;
    const said = (json as { id?: unknown }).id;
    if (id !== null && said !== id)
      return problem(`content with the id ${String(said)}`, `content with the id ${id}`);
    const home = place(json as never);
    if (home !== part.path) return problem(`${what} that is kept at ${home}`, 'it here');
  } catch (error) {
    return problem(what, messageOf(error));
  }
  return { record: json as HistoryOf | Night };
}

/** The same kind of record, of another version. */
const isOther = (written: unknown, schema: string): boolean =>
  typeof written === 'string' &&
  /^gauntlet\.[a-z]+\/\d+$/.test(written) &&
  written.split('/')[0] === schema.split('/')[0];

export const foreignPart = (subject: string): Problem => ({
  subject,
  expected: 'only records of Gauntlet in a history',
  got: 'another file',
  next: 'Move it elsewhere.',
});
