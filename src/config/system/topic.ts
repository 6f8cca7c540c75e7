/** Topics of a Kafka service, each with the place of its correlation id. */
import { z } from 'zod';
import type { Correlation, Topic } from '../../core/system.ts';
import { combinations, fillText } from '../each.ts';
import { block, choice, isMap, listOf } from '../forms.ts';
import { text } from './text.ts';

export const each = z
  .record(
    z.string().regex(/^[a-z]+$/, { error: 'a word of lower-case letters' }),
    listOf(text('a word'), 'a list of words', 1),
    { error: 'a map such as { kind: [a, b] }' },
  )
  .describe('one entry per word, which replaces {kind} in its name and texts');

const PLACE = '{ header: name } or { json: path }';
const correlation = choice(
  {
    header: block({ header: text('the name of a header') }),
    json: block({ json: text('a dotted path into the record') }),
  },
  (value) =>
    isMap(value)
      ? 'header' in value
        ? 'header'
        : 'json' in value
          ? 'json'
          : { expected: PLACE }
      : { expected: PLACE },
);

const one = block({
  each: each.optional(),
  correlation: correlation.optional().describe('where a record carries the id of its request'),
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
      correlation: (topic?.correlation as Correlation | undefined) ?? null,
      ...(topic?.per !== undefined && { per: topic.per as Correlation }),
    })),
  );
