/**
 * The shape of a campaign file, on one page. The meaning of a key is its description. Dependencies between
 * keys are checked in campaign-*.ts, on everything that could be read.
 */
import { z } from 'zod';
import { type Ms, type Parsed, parseDuration } from '../core/units.ts';
import { type FaultWords, faultStep } from './fault-list.ts';
import { block, choice, isMap, lines, listOf, orNothing, wholeNumber } from './forms.ts';
import { gateBlock } from './gate-block.ts';
import { publishBlock } from './publish-block.ts';
import { duration, durationBy, durationOf } from './words/duration.ts';
import { campaignName, segmentName, text } from './words/name.ts';
import { rate, rateOrCeiling } from './words/rate.ts';
import { scenarioWord } from './words/scenario.ts';
import { level } from './words/share.ts';
import { stepWord } from './words/step.ts';

/** What a campaign may name. */
export interface CampaignWords {
  /** Those that can be named without a path. */
  readonly scenarios: readonly string[];
  readonly faults: readonly FaultWords[];
}

export type CampaignShape = z.output<ReturnType<typeof campaignSchema>>;

export const campaignSchema = ({ scenarios, faults }: CampaignWords) =>
  block({
    name: campaignName.describe('its name in runs, reports and locks'),
    target: text()
      .prefault('sandbox')
      .describe(
        'the name of a target (targets/<name>.yaml), or a path, relative to this file or to the working directory',
      ),
    load: listOf(loadItem(scenarios), 'a list with at least one scenario', 1).describe(
      'what is sent, and how often',
    ),
    shape: listOf(segment, 'a list of segments such as { name: baseline, at: 100%, for: 30s }', 1)
      .optional()
      .describe(
        'segments that scale all rates together, each a phase of the run; instead of warmup and baseline',
      ),
    warmup: duration
      .prefault('5s')
      .describe('the first phase, which is not judged unless an objective names it'),
    baseline: durationOf('2s')
      .prefault('15s')
      .describe('the phase without faults; other phases are compared with it'),
    faults: orNothing(listOf(faultStep(faults), 'a list of faults'), []).describe(
      'what is broken, one after another, each followed by its recovery watch',
    ),
    repeat: wholeNumber(1, 100, 'a whole number of rounds from 1 to 100')
      .default(1)
      .describe('how often the list of faults is run, in interleaved rounds'),
    recovery: orNothing(recovery, RECOVERY_DEFAULT).describe('when a flow counts as recovered'),
    abort: orNothing(block({ when: lines(ABORT_LINE).describe('a line, or a list of them') }), null).describe(
      'limits that end the run at once',
    ),
    gate: gateBlock.nullish().describe('what `gauntlet gate` asks of two versions under this load'),
    publish: publishBlock.nullish().describe('where `gauntlet push` sends its results'),
    objectives: orNothing(
      listOf(
        z.string({ error: OBJECTIVE_LINE }),
        'a list of lines such as `- web.orders p99 < 500ms in baseline`',
      ),
      [],
    ).describe('the limits that decide the verdict; a comment `# source: ...` after one is its source'),
  });

const OBJECTIVE_LINE = 'a line such as `web.orders p99 < 500ms in baseline`';
const ABORT_LINE = 'a line such as "web.orders failed > 50% for 5s"';

const schedule = {
  stages: () =>
    listOf(stage, STAGES, 1)
      .max(MOST_STAGES, { error: `at most ${MOST_STAGES} stages` })
      .optional()
      .describe('a rate that changes: straight lines from 0'),
};

const loadItem = (scenarios: CampaignWords['scenarios']) =>
  choice({ scenario: scenarioItem(scenarios), script: scriptItem() }, (value) =>
    isMap(value) && 'script' in value ? 'script' : 'scenario',
  );

const scenarioItem = (scenarios: CampaignWords['scenarios']) =>
  block({
    scenario: scenarioWord(scenarios).describe(
      'a k6 script that describes itself: scenarios/<name>.ts, or a path relative to this file',
    ),
    rate: rateOrCeiling.optional().describe('arrivals of all its flows together; or `stages`'),
    stages: schedule.stages(),
    weights: z
      .record(z.string(), weight, { error: 'a map such as { business: 3, technical: 1 }' })
      .optional()
      .describe('how the rate is split over its flows; default: evenly'),
    timeout: timeout
      .optional()
      .describe('after this the client gives up; rate × timeout is the number of VUs'),
    generators: wholeNumber(1, 16, 'a whole number of k6 processes from 1 to 16')
      .default(1)
      .describe('how many k6 processes share the load'),
    redirects: wholeNumber(0, 20, 'a whole number of redirects to follow, from 0 to 20')
      .default(0)
      .describe('how many redirects a request follows'),
  }).meta({
    oneOf: [
      { type: 'object', properties: { rate: { type: 'string' } }, required: ['rate'] },
      { type: 'object', properties: { stages: { type: 'array' } }, required: ['stages'] },
    ],
  });

const scriptItem = () =>
  block({
    script: text('a path relative to this file, such as ./theirs.js').describe(
      'any k6 script, which is run unchanged (docs/foreign-scripts.md)',
    ),
    env: z
      .record(
        z.string(),
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what users write
        text('a text, ${redis.address} for an address of the target, or env:NAME for a secret'),
        {
          error: 'a map such as { BASE_URL: "http://127.0.0.1:8080", TOKEN: env:SHOP_TOKEN }',
        },
      )
      .optional()
      .describe('its environment (__ENV); nothing else of the caller reaches it'),
    timeout: timeout
      .optional()
      .describe('the longest iteration, 60s when absent; with rate, rate × timeout is the number of VUs'),
    steps: stepWord.optional().describe('how requests are grouped to steps: group, name or tag:<key>'),
    rate: rate.optional().describe('instead of its executors: arrivals of one function; or `stages`'),
    stages: schedule.stages(),
    exec: text('the name of an exported function').optional().describe('that function; default: default'),
  });

const STAGES = 'a list such as [{to: 100/s, in: 1m}, {hold: 5m}]';
/** One stage for each second of a day, or thousands for each minute of an hour: a generated mistake. */
const MOST_STAGES = 100_000;
const WEIGHT = 'a number that is 0 or greater';
const weight = z.number({ error: WEIGHT }).min(0, { error: WEIGHT });
const stage = choice(
  {
    climb: block({ to: rate.describe('the rate at its end'), in: duration.describe('how long it takes') }),
    hold: block({ hold: durationOf('1ms').describe('how long the rate stays as it is') }),
  },
  (value) => (isMap(value) && 'hold' in value ? 'hold' : 'climb'),
);

/** The lower bound is the resolution of timers; latencies are kept up to one hour. */
const timeout = durationBy(parseTimeout, 'from 1ms to 1h');
function parseTimeout(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  if (!parsed.ok || (parsed.value >= 1 && parsed.value <= 3_600_000)) return parsed;
  return { ok: false, expected: 'a time limit from 1ms to 1h, such as 5s' };
}

/** A phase consists of whole seconds: one shorter than 2 s may contain none. */
const LENGTH = 'a duration of at least 2s, such as 30s';
const length = durationBy(parseLength, 'at least 2s', LENGTH);
function parseLength(value: unknown): Parsed<Ms> {
  const parsed = parseDuration(value);
  return parsed.ok && parsed.value >= 2000 ? parsed : { ok: false, expected: LENGTH };
}

/**
 * By the keys that only one kind has, so that a misspelt one (`whlie`) is reported with the other keys of its
 * kind.
 */
export function segmentKind(value: unknown): 'hold' | 'ramp' | 'search' {
  const has = (...keys: readonly string[]): boolean => isMap(value) && keys.some((key) => key in value);
  return has('while', 'from', 'by', 'each') ? 'search' : has('at', 'for') ? 'hold' : 'ramp';
}

const segment = choice(
  {
    hold: block({ name: segmentName, at: level, for: length }),
    ramp: block({ name: segmentName, to: level, in: length }),
    search: block({
      ...{ name: segmentName, from: level, to: level, by: level, each: length },
      while: lines('the conditions of the search, such as "web.orders p99 < 500ms"').describe(
        'the conditions that each step must hold: a line, or a list of them',
      ),
    }),
  },
  segmentKind,
);

/** One slice: a recovery shorter than this cannot be distinguished from one lucky answer. */
const recovery = block({
  hold: durationOf('100ms').prefault('5s').describe('how long it must stay inside its baseline band'),
  timeout: duration.prefault('60s').describe('after this it counts as not recovered'),
});
const RECOVERY_DEFAULT = recovery.parse({});
