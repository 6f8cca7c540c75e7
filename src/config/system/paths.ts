/**
 * Paths: the topics that one request crosses, stage by stage. A stage is a topic, or a map with several of
 * them and the fields of a record that is the last one of its request.
 */
import { z } from 'zod';
import { didYouMean } from '../../core/did-you-mean.ts';
import type { PathStage, Topic, TopicPath, WantedFields } from '../../core/system.ts';
import { type Ms, ms, parseDuration } from '../../core/units.ts';
import { block, choice, isMap, listOf } from '../forms.ts';
import { matching } from '../name-pattern.ts';
import type { Problems } from '../problems.ts';
import { durationBy } from '../words/duration.ts';
import { fields } from './good.ts';
import { text } from './text.ts';

const USUAL_MS = ms(30_000);
const WITHIN = 'a duration from 1s to 4m, such as 30s';

const topic = text('a topic, or the beginning of topics and *');
const stage = choice(
  {
    topic,
    long: block({
      topics: listOf(topic, 'a list of topics', 1).describe('a record of the request is in one of them'),
      ends: fields.optional().describe('fields of a record that is the last one of its request'),
    }),
  },
  (value) => (isMap(value) ? 'long' : 'topic'),
);

const stages = listOf(stage, 'a list of topics', 2);
const within = durationBy(
  (value) => {
    const parsed = parseDuration(value);
    const fits = parsed.ok && parsed.value >= 1000 && parsed.value <= 240_000;
    return fits ? parsed : { ok: false, expected: WITHIN };
  },
  'from 1s to 4m',
  WITHIN,
);
const one = choice(
  {
    stages,
    long: block({
      stages: stages.describe('topics in the order in which a request crosses them'),
      within: within
        .optional()
        .describe('a request that stays at a stage for longer is lost or stuck; default: 30s'),
    }),
  },
  (value) => (isMap(value) ? 'long' : 'stages'),
);

export const paths = z.record(
  z.string().regex(/^[A-Za-z0-9][\w.-]*$/, { error: 'a name such as web.order-flow' }),
  one,
  {
    error: 'a map such as { "orders.flow": [orders.new, orders.done] }',
  },
);

interface WrittenStage {
  readonly topics: readonly (string | undefined)[];
  readonly ends?: WantedFields;
}
type Written = readonly (string | WrittenStage | undefined)[];
/** Parts that were wrong are undefined. */
export type WrittenPaths = Readonly<
  Record<string, Written | { readonly stages?: Written; readonly within?: Ms } | undefined>
>;

export const pathsOf = (
  written: WrittenPaths | undefined,
  topics: readonly Topic[],
  problems: Problems,
): readonly TopicPath[] =>
  Object.entries(written ?? {}).map(([name, path = []]) => {
    const parts = isList(path) ? { stages: path } : path;
    const at = isList(path) ? ['paths', name] : ['paths', name, 'stages'];
    const stages = (parts.stages ?? []).map((stage, index) =>
      stageOf(stage, topics, [...at, index], problems),
    );
    return {
      name,
      stages: known(
        once(stages, (index) => problems.add([...at, index], 'each topic at one stage')),
        (index, expected, got) => problems.add([...at, index], expected, { got }),
      ),
      withinMs: ('within' in parts ? parts.within : undefined) ?? USUAL_MS,
    };
  });

function once(stages: readonly PathStage[], refuse: (index: number) => void): readonly PathStage[] {
  const seen = new Set<string>();
  for (const [index, { topics }] of stages.entries()) {
    if (topics.some((one) => seen.has(one.name))) refuse(index);
    for (const one of topics) seen.add(one.name);
  }
  return stages;
}

/** An id is known from a record that has both: the request's own, and this one. */
function known(
  stages: readonly PathStage[],
  refuse: (index: number, expected: string, got: string) => void,
): readonly PathStage[] {
  const carried = new Set<string>();
  for (const [index, { topics }] of stages.entries()) {
    for (const { name, by } of topics)
      if (by !== undefined && !carried.has(by))
        refuse(index, `an earlier stage that carries ${by}, by which ${name} knows its requests`, 'none');
    for (const id of topics.flatMap((one) => Object.keys(one.carries ?? {}))) carried.add(id);
  }
  return stages;
}

const isList = (path: Written | { readonly stages?: Written }): path is Written => Array.isArray(path);

function stageOf(
  written: Written[number],
  topics: readonly Topic[],
  at: readonly (string | number)[],
  problems: Problems,
): PathStage {
  const isLong = typeof written === 'object';
  const patterns = isLong ? (written.topics ?? []) : [written];
  const names = topics.map((one) => one.name);
  const found = patterns.flatMap((pattern, index) => {
    const matched = pattern === undefined ? [] : matching(pattern, names);
    if (pattern !== undefined && matched.length === 0) {
      const expected = `a declared topic: one of ${names.join(', ')}`;
      problems.add(isLong ? [...at, 'topics', index] : at, expected, didYouMean(pattern, names));
    }
    return matched;
  });
  return {
    name: patterns[0] ?? '',
    topics: topics.filter((one) => found.includes(one.name)),
    ends: (isLong && written.ends) || null,
  };
}
