import { describe, expect, it } from 'vitest';
import type { GateFlags } from '../../../../src/config/gate-flags.ts';
import { parseCampaign } from '../../../../src/config/read-campaign.ts';
import { DEFAULT_ALPHA, DEFAULT_LOOKS, looksOf } from '../../../../src/measure/gate/gate-levels.ts';
import { type GateAsked, gateRule } from '../../../../src/run/gate/gate-rule.ts';
import { KNOWN } from '../../../fakes/scenarios.ts';

const FLOW = 'gateway.intentions';

function asked(block: string, flags: GateFlags = {}): GateAsked {
  const load =
    'load:\n  - { scenario: gateway-intentions, rate: 200/s }\n  - { scenario: specialists, rate: 50/s }\n';
  return gateRule(parseCampaign('c.yaml', `name: c\n${load}${block}`, KNOWN), flags);
}

function wordsOf(block: string, flags: GateFlags = {}): string[] {
  try {
    asked(block, flags);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('the rule of a gate', () => {
  it('is that of the shipped table where a campaign has no block', () => {
    expect(asked('')).toEqual({
      rule: {
        metrics: (['failed', 'p50', 'p95', 'p99'] as const).map((quantity) => ({ flow: FLOW, quantity })),
        times: { allow: 0, find: 0.1 },
        failed: { allow: 0, find: 0.005 },
        ...{ alpha: DEFAULT_ALPHA, looks: DEFAULT_LOOKS, blockMs: 10_000, settleMs: 3000 },
      },
      budgetMs: null,
      recovery: { find: 0.2, allow: 0, pairs: 8 },
    });
  });

  it('is that of the block, and the flags override it', () => {
    const block =
      'gate: { find: 20%, allow: 5%, metrics: [p90, specialist.technical:p95], block: 5s, settle: 1s, pairs: { max: 20, looks: [10, 20] }, recovery: { find: 30%, pairs: 12 }, alpha: 1%, budget: 20m }\n';
    const expected = {
      rule: {
        metrics: [
          { flow: FLOW, quantity: 'p90' },
          { flow: 'specialist.technical', quantity: 'p95' },
        ],
        times: { allow: 0.05, find: 0.2 },
        failed: { allow: 0, find: 0.005 },
        ...{ alpha: 0.01, looks: [10, 20], blockMs: 5000, settleMs: 1000 },
      },
      budgetMs: 1_200_000,
      recovery: { find: 0.3, allow: 0, pairs: 12 },
    };
    expect(asked(block)).toEqual(expected);
    const flags = { find: '30%', allow: '0%', metrics: 'p50, specialist.technical:failed', budget: '90s' };
    expect(asked(block, flags)).toEqual({
      rule: {
        ...expected.rule,
        times: { allow: 0, find: 0.3 },
        metrics: [
          { flow: FLOW, quantity: 'p50' },
          { flow: 'specialist.technical', quantity: 'failed' },
        ],
      },
      budgetMs: 90_000,
      recovery: expected.recovery,
    });
  });

  it('looks at half, three quarters and all of its pairs where the block does not say', () => {
    expect(asked('gate: { pairs: { max: 48 } }\n').rule.looks).toEqual([24, 36, 48]);
    expect(asked('gate: { pairs: { max: 9 } }\n').rule.looks).toEqual([5, 7, 9]);
    expect(asked('gate: { pairs: { looks: [20, 30] } }\n').rule.looks).toEqual([20, 30]);
  });

  it('judges other looks by levels of the same method, which spend no more than alpha', () => {
    const { rule } = asked('gate: { metrics: [p50], pairs: { looks: [12, 40] } }\n');
    const looks = looksOf(rule);
    expect(looks.map((one) => one.pairs)).toEqual([12, 40]);
    expect(looks[0]?.passLevel).toBeLessThan(0.001);
    expect(looks[1]?.passLevel).toBeGreaterThan(0.049);
    expect(looks[1]?.passLevel).toBeLessThan(0.05);
  });

  it('names all that is wrong in the flags', () => {
    const flags = {
      find: '10',
      allow: '2000%',
      metrics: 'p98,gateway.intention:p99,p50,p50',
      budget: '15 minutes',
    };
    expect(wordsOf('', flags)).toEqual([
      '--find: expected percent from 0% to 1000%, such as 10%, got "10".',
      '--allow: expected percent from 0% to 1000%, such as 10%, got "2000%".',
      '--budget: expected a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, got "15 minutes".',
      '--metrics: expected failed, p50, p90, p95, p99, or FLOW:p99, got "p98". Did you mean p90?',
      `--metrics: expected a flow of the campaign (${FLOW}, specialist.business, specialist.technical, specialist.behavior, specialist.evolution, specialist.architecture), got "gateway.intention:p99". Did you mean ${FLOW}?`,
      `--metrics: expected each metric once, got "${FLOW}:p50".`,
    ]);
  });

  it('does not find less than it allows, whichever of the two the flags say', () => {
    expect(wordsOf('', { allow: '10%' })).toEqual(['--allow: expected less than find (10%), got 10%.']);
    expect(wordsOf('gate: { allow: 5% }\n', { find: '3%' })).toEqual([
      '--find: expected more than allow (5%), got 3%.',
    ]);
    expect(wordsOf('gate: { allow: 15% }\n')).toEqual([
      'c.yaml:5:16: gate.allow: expected less than find (10%), got 15%.',
    ]);
  });
});
