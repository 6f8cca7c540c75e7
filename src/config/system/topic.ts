/** Topics of a Kafka service, each with the place of its correlation id. */
import { z } from 'zod';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { Correlation, Topic } from '../../core/system.ts';
import { combinations, fillText } from '../each.ts';
import { block, choice, isMap, listOf } from '../forms.ts';
import type { Problems } from '../problems.ts';
import { text, textOf } from './text.ts';

export const each = z
  .record(
    z.string().regex(/^[a-z]+$/, { error: 'a word of lower-case letters' }),
    listOf(text('a word'), 'a list of words', 1),
    { error: 'a map such as { kind: [a, b] }' },
  )
  .describe('one entry per word, which replaces {kind} in its name and texts');

const PLACE = '{ header: name }, { field: path } or key';
const WORDS = ['header', 'field', 'json'] as const;
const path = text('a dotted path into the value of the record');
const correlation = choice(
  {
    header: block({ header: text('the name of a header') }),
    field: block({ field: path.describe('of JSON, or of Avro with the schema registry of the target') }),
    json: block({ json: path.describe('the older word for field') }),
    key: z.literal('key', { error: PLACE }),
  },
  (value) => {
    if (value === 'key') return 'key';
    return (isMap(value) && WORDS.find((one) => one in value)) || { expected: PLACE };
  },
);

const ID_NAME = /^[a-z][a-z0-9-]*$/;
const idName = textOf(ID_NAME, 'the name of an id: lower-case letters, digits and dashes');

const one = block({
  each: each.optional(),
  correlation: correlation.optional().describe('where a record carries the id of its request'),
  by: idName
    .optional()
    .describe(
      'which id that is, where it is none of the request: one that an earlier topic of a path carries',
    ),
  carries: z
    .record(
      z.string().regex(ID_NAME, { error: 'names of ids: lower-case letters, digits and dashes' }),
      correlation,
      {
        error: 'a map such as { parcel: { field: parcel.id } }',
      },
    )
    .optional()
    .describe('other ids of the request, by which later topics know it, each with its place'),
  per: correlation
    .optional()
    .describe('where the records of one request differ, if there are several; else a second is a duplicate'),
});

export const topicList = z.record(z.string(), one.nullable(), { error: 'a map of topics' });
export type WrittenTopics = z.output<typeof topicList>;

export const topicsIn = (written: WrittenTopics, service: string): readonly Topic[] =>
  Object.entries(written).flatMap(([name, topic]) =>
    combinations(topic?.each ?? {}).map((words) => ({
      name: fillText(name, words),
      service,
      correlation: topic?.correlation === undefined ? null : placeOf(topic.correlation),
      ...(topic?.by !== undefined && { by: topic.by }),
      ...(topic?.carries !== undefined && {
        carries: Object.fromEntries(Object.entries(topic.carries).map(([id, one]) => [id, placeOf(one)])),
      }),
      ...(topic?.per !== undefined && { per: placeOf(topic.per) }),
    })),
  );

const placeOf = (written: z.output<typeof correlation>): Correlation =>
  written === 'key' ? { key: true } : (written as Correlation);

/** An id that nobody carries says of no record to whom it belongs. */
export function checkIds(
  written: WrittenTopics,
  service: string,
  all: readonly Topic[],
  problems: Problems,
): void {
  const known = [...new Set(all.flatMap((one) => Object.keys(one.carries ?? {})))];
  for (const [name, topic] of Object.entries(written)) {
    const by = topic?.by;
    const path = ['services', service, 'kafka', 'topics', name];
    if (by !== undefined && topic?.correlation === undefined)
      problems.add([...path, 'by'], 'correlation with it', { got: 'none' });
    if (by === undefined || known.includes(by)) continue;
    const expected =
      known.length === 0 ? 'a topic that carries it' : `an id that a topic carries: ${known.join(', ')}`;
    const next = `Add carries: { ${by}: { field: PATH } } to the topic whose records have both ids.`;
    problems.add([...path, 'by'], expected, { next, ...didYouMean(by, known) });
  }
}
