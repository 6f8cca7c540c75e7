import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import type { Campaign } from '../../../src/config/read-campaign.ts';
import { GauntletError } from '../../../src/core/errors.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { readCampaign } from '../../fakes/scenarios.ts';

function campaign(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-campaign-')), 'c.yaml');
  writeFileSync(file, text);
  return file;
}

/** The problems of a file, without its folder. */
function problemsOf(text: string): string[] {
  const file = campaign(text);
  try {
    readCampaign(file);
  } catch (error) {
    if (error instanceof GauntletError) return error.message.replaceAll(file, 'c.yaml').split('\n');
    throw error;
  }
  return [];
}

const read = (text: string): Campaign => readCampaign(campaign(text));

const LOAD = 'load:\n  - { scenario: gateway-intentions, rate: 100/s }\n';

describe('a campaign file', () => {
  it.each(readdirSync(join(projectRoot, 'campaigns')))('campaigns/%s has no problem', (name) => {
    const file = join(projectRoot, 'campaigns', name);
    const campaign = readCampaign(file);
    const isForGates = /^gate:/m.test(readFileSync(file, 'utf8'));
    expect(campaign.faults.length > 0 || campaign.shape !== null || isForGates).toBe(true);
    expect(campaign.goals.objectives.length).toBeGreaterThan(0);
  });

  it('takes a rate that is found up to a ceiling, and says what is missing behind auto', () => {
    const one = (rate: string): string =>
      `name: a\nload:\n  - { scenario: gateway-intentions, rate: ${rate} }\n`;
    const [load] = read(one('auto up to 100/s')).load;
    expect([load?.auto, load?.schedules.get('gateway.intentions')?.startRate]).toEqual([true, 100]);
    expect(read(one('100/s')).load[0]?.auto).toBe(false);
    for (const rate of ['auto', 'auto up to lots', 'auto up to 9/s']) {
      expect(problemsOf(one(rate))).toEqual([
        `c.yaml:3:43: load.rate: expected a ceiling of at least 10/s after auto, such as auto up to 100/s, got "${rate}".`,
      ]);
    }
  });

  it('of the demo reads as it is written', () => {
    const demo = readCampaign(join(projectRoot, 'campaigns/demo.yaml'));
    expect(demo.load.flatMap((one) => one.flows)).toEqual([
      'gateway.intentions',
      'specialist.business',
      'specialist.technical',
      'specialist.behavior',
      'specialist.evolution',
      'specialist.architecture',
    ]);
    expect(demo.faults.map((fault) => [fault.name, fault.holdMs])).toEqual([
      ['kill-pod', null],
      ['partition-kafka', 8000],
      ['throttle-redis', 8000],
    ]);
    expect(demo.goals.objectives[0]?.source).toBe('neural-hive-mind/examples/slo-latency-example.yaml');
    expect(demo.goals.abort).toHaveLength(1);
  });

  it('tells all its mistakes at once, each with line, column, what is allowed and what was meant', () => {
    const problems = problemsOf(
      [
        'name: Demo Run',
        'targett: sandbox',
        'load:',
        '  - scenario: gateway-intention',
        '    rate: 100',
        'warmup: 5',
        'faults:',
        '  - kil-pod: { service: hive }',
        '  - throttle-redis: { latency: 40, for: 8s }',
        '',
      ].join('\n'),
    );
    expect(problems).toEqual([
      'c.yaml:1:7: name: expected lower-case letters, digits and dashes, got "Demo Run".',
      'c.yaml:2:1: campaign key: expected one of name, target, load, shape, warmup, baseline, faults, repeat, recovery, abort, gate, publish, objectives, got "targett". Did you mean target?',
      'c.yaml:4:15: load.scenario: expected one of gateway-intentions, gateway-voice, intention-journey, specialists, got "gateway-intention". Did you mean gateway-intentions?',
      'c.yaml:5:11: load.rate: expected an arrival rate greater than 0, such as 100/s or 30/m, got 100.',
      'c.yaml:6:9: warmup: expected a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, got 5.',
      `c.yaml:8:5: fault: expected one of ${FAULTS.map((one) => one.name).join(', ')}, together, then, got "kil-pod". Did you mean kill-pod?`,
      expect.stringMatching(/^c\.yaml:9:32: throttle-redis\.latency: expected a duration .*, got 40\.$/),
    ]);
  });

  it('splits a rate over the flows of a scenario by weight, without losing any', () => {
    const weighted = read(
      'name: w\nload:\n  - scenario: specialists\n    rate: 60/s\n    weights: { business: 3, technical: 2, behavior: 1 }\n',
    );
    expect(
      [...(weighted.load[0]?.schedules ?? [])].map(([flow, schedule]) => [flow, schedule.startRate]),
    ).toEqual([
      ['specialist.business', 30],
      ['specialist.technical', 20],
      ['specialist.behavior', 10],
    ]);
  });

  it('shares the load of a scenario among as many k6 processes as it says, from 1 to 16', () => {
    const of = (generators: string): string =>
      `name: g\nload:\n  - { scenario: gateway-intentions, rate: 100/s${generators} }\n`;
    expect(read(of('')).load[0]?.generators).toBe(1);
    expect(read(of(', generators: 3')).load[0]?.generators).toBe(3);
    expect(['0', '17', '1.5', 'two'].flatMap((one) => problemsOf(of(`, generators: ${one}`)))).toEqual(
      ['0', '17', '1.5', '"two"'].map(
        (got) =>
          `c.yaml:3:62: load.generators: expected a whole number of k6 processes from 1 to 16, got ${got}.`,
      ),
    );
  });

  it('names faults of one kind apart', () => {
    const twice = read(
      `name: t\n${LOAD}faults:\n  - kill-pod: { service: hive }\n  - kill-pod: { service: hive }\n`,
    );
    expect(twice.faults.map((fault) => fault.name)).toEqual(['kill-pod', 'kill-pod#2']);
  });

  it('refuses an objective on a flow that the campaign does not load, with the column inside the line', () => {
    const problems = problemsOf(
      `name: o\n${LOAD}objectives:\n  - gateway.intention p99 < 500ms in baseline\n`,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^c\.yaml:5:5: objective: expected .*gateway\.intentions.*Did you mean gateway\.intentions\?$/,
    );
  });

  it('without any load is refused', () => {
    expect(problemsOf('name: x\n')).toEqual([
      'c.yaml:1:1: load: expected a list with at least one scenario, got nothing.',
    ]);
  });

  it('that is not YAML says where it breaks', () => {
    expect(problemsOf('name: [a\nload: }')[0]).toMatch(/^c\.yaml:2:\d+: YAML: expected valid YAML, got /);
  });
});
