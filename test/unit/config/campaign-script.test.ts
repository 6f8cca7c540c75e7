/** A foreign script as an item of a load: what a campaign may say about it, and what it gets told. */
import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../../src/config/read-campaign.ts';
import type { ReadFlow, ReadScript, ScriptReading } from '../../../src/core/foreign-script.ts';
import { ms } from '../../../src/core/units.ts';
import { environmentOf } from '../../../src/run/plan/script-environment.ts';
import { KNOWN } from '../../fakes/scenarios.ts';
import { topologyOf } from '../../fakes/topology.ts';

const own = { startMs: ms(0), lengthMs: ms(30_000) };
const closed: ReadFlow = {
  ...{ executor: 'users', kind: 'constant-vus', model: 'closed', exec: 'default', tag: null, vus: 5, own },
};
const arrivals = { unitMs: 1000, startRate: 10, targets: [], durationsMs: [] };
const open: ReadFlow = {
  ...{ executor: 'views', kind: 'constant-arrival-rate', model: 'open', exec: 'browse', tag: null, vus: 50 },
  own: { ...own, arrivals },
};
const SCRIPT: ReadScript = {
  ...{ file: '/shop/check out.spec.js', digest: 'd', functions: ['default', 'browse'], hasSetup: false },
  ...{ hasTeardown: false, thresholds: {}, totalMs: ms(60_000), flags: [], flows: [open, closed] },
};

const LOAD = 'load:\n  - script: ./x.js\n';
function read(text: string, reading: ScriptReading = { ok: true, script: SCRIPT }) {
  return parseCampaign('c.yaml', `name: c\n${text}`, { ...KNOWN, scripts: new Map([[0, reading]]) });
}
function problemsOf(text: string, reading?: ScriptReading): string {
  try {
    read(text, reading);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}
const given = (): ScriptReading => ({ ok: true, script: { ...SCRIPT, flows: [] } });

describe('a foreign script in a campaign', () => {
  it('has a flow for each of its executors, and runs as long as they do', () => {
    const campaign = read(LOAD);
    expect(campaign.load[0]?.flows).toEqual(['check-out.spec.views', 'check-out.spec.users']);
    expect([campaign.untilLoadEnds, campaign.warmupMs]).toEqual([true, 0]);
    expect(read(`${LOAD}baseline: 10s\n`).untilLoadEnds).toBeUndefined();
  });

  it('takes the name of a flow from the tag of its scenario', () => {
    const script = { ...SCRIPT, flows: [{ ...open, tag: 'shop.rush' }] };
    expect(read(LOAD, { ok: true, script }).load[0]?.flows).toEqual(['shop.rush']);
    const twice = {
      ...SCRIPT,
      flows: [
        { ...open, tag: 'x' },
        { ...closed, tag: 'x' },
      ],
    };
    expect(problemsOf(LOAD, { ok: true, script: twice })).toBe(
      'c.yaml:3:13: load.script: expected one k6 scenario for each flow, got two for x. A dropped arrival must belong to one flow: give each scenario of the script its own tag flow.',
    );
  });

  it('calls one of its functions on the schedule of the campaign, with rate and exec', () => {
    const [load] = read(`${LOAD}    rate: 20/s\n    exec: browse\n    timeout: 2s\n`, given()).load;
    expect(load?.flows).toEqual(['check-out.spec.browse']);
    expect(load?.schedules.get('check-out.spec.browse')?.startRate).toBe(20);
    expect([load?.worstStallMs, load?.foreign?.isGiven]).toEqual([2000, true]);
    expect(problemsOf(`${LOAD}    rate: 20/s\n    exec: brows\n`, given())).toMatch(
      /^c\.yaml:5:11: load\.exec: expected a function that the script exports: default, browse, got brows\. .*browse/,
    );
  });

  it('is refused with the words of k6 and the place of its path', () => {
    const reading: ScriptReading = {
      ok: false,
      expected: 'a script that k6 can run',
      got: 'unknown modules ["k6/x/sql"]',
    };
    expect(problemsOf(LOAD, reading)).toBe(
      'c.yaml:3:13: load.script: expected a script that k6 can run, got unknown modules ["k6/x/sql"].',
    );
  });

  it('is refused by a command that does not read scripts', () => {
    expect(() => parseCampaign('c.yaml', `name: c\n${LOAD}`, KNOWN)).toThrow(
      'c.yaml:3:13: load.script: expected a scenario: only gauntlet run takes foreign scripts, got "./x.js".',
    );
  });

  it('has keys of its own, all of which are named', () => {
    expect(problemsOf(`${LOAD}    weights: { a: 1 }\n    steps: page\n`)).toBe(
      [
        'c.yaml:4:5: load key: expected one of script, env, timeout, steps, rate, stages, exec, got "weights".',
        'c.yaml:5:12: load.steps: expected group, name or tag:<key>, such as tag:page, got "page".',
      ].join('\n'),
    );
  });

  it('needs rate next to exec, to a shape and to a gate', () => {
    expect(problemsOf(`${LOAD}    exec: browse\n`)).toBe(
      'c.yaml:4:11: load.exec: expected rate or stages next to it. Without them the executors of the script decide which functions are called.',
    );
    const shape = 'shape:\n  - { name: baseline, at: 100%, for: 10s }\n';
    expect(problemsOf(LOAD + shape)).toBe(
      "c.yaml:3:13: load.script: expected a schedule of the campaign together with shape, got the script's own executors. Write rate: and exec: next to it, so that the campaign gives the schedule.",
    );
  });
});

describe('an objective of a closed flow', () => {
  const withLimit = (line: string): string => problemsOf(`${LOAD}objectives:\n  - ${line}\n`);

  it('is one of those that need no due times', () => {
    expect(withLimit('check-out.spec.users p95 < 500ms in baseline')).toBe('none');
    expect(withLimit('check-out.spec.users rate >= 5/s in baseline')).toBe('none');
    expect(withLimit('check-out.spec.users lateness p95 < 5ms in baseline')).toMatch(
      /expected response, service, failed, rate or recovered for a flow of the closed model, got "lateness"/,
    );
    expect(withLimit('check-out.spec.views lateness p95 < 5ms in baseline')).toBe('none');
  });
});

describe('the environment of a foreign script', () => {
  const topology = topologyOf({ redis: { url: 'redis://127.0.0.1:6379' } });
  const environment = (text: string) => {
    const [load] = read(text).load;
    return load && environmentOf(load.scenario, [], topology);
  };

  it('gets addresses of the target by their keys, and names what the target lacks', () => {
    const env = (text: string) => environment(`${LOAD}    env: { A: "${text}" }\n`);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what users write
    expect(env('at ${redis.address}/1')).toEqual({ env: { A: 'at redis://127.0.0.1:6379/1' }, missing: [] });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what users write
    expect(env('${cache.address}')).toMatchObject({ missing: ['cache.address'] });
  });

  it('never holds a secret: only the name of its variable', () => {
    const text = `${LOAD}    env: { TOKEN: env:SHOP_TOKEN, PLAIN: x }\n`;
    const [load] = read(text).load;
    expect(load?.foreign?.secrets).toEqual({ TOKEN: 'SHOP_TOKEN' });
    expect(environment(text)).toEqual({ env: { PLAIN: 'x' }, missing: [] });
  });
});
