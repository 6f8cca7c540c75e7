/** Which receivers a push has, from its flags and a block; every mistake at once, and never a secret. */
import { describe, expect, it } from 'vitest';
import { type PushFlags, receiversWithFlags } from '../../../src/config/push-flags.ts';
import type { Receivers } from '../../../src/core/receivers.ts';

const BLOCK: Receivers = {
  pushgateway: { url: { from: 'text', url: 'http://push:9091' }, token: null, insecure: false },
  webhook: { url: { from: 'env', name: 'SLACK' }, token: null, insecure: false, format: 'slack' },
};
const said = (block: Receivers, flags: PushFlags): string => {
  try {
    return JSON.stringify(receiversWithFlags(block, flags));
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the receivers of a push', () => {
  it('are all of the block, or those of --to, in the order in which they are sent', () => {
    expect(Object.keys(receiversWithFlags(BLOCK, {}))).toEqual(['pushgateway', 'webhook']);
    expect(receiversWithFlags(BLOCK, { to: 'webhook' })).toEqual({ webhook: BLOCK.webhook });
    expect(Object.keys(receiversWithFlags(BLOCK, { to: 'webhook,pushgateway' }))).toEqual([
      'pushgateway',
      'webhook',
    ]);
  });

  it('need no block, when flags say it', () => {
    const flags = {
      to: 'grafana',
      url: 'https://grafana',
      token: 'file:/run/t',
      dashboard: 'x',
      insecure: true,
    };
    expect(receiversWithFlags({}, flags)).toEqual({
      grafana: {
        ...{ url: { from: 'text', url: 'https://grafana' }, token: { from: 'file', name: '/run/t' } },
        ...{ dashboard: 'x', insecure: true },
      },
    });
    expect(receiversWithFlags({}, { to: 'webhook', url: 'env:W' })).toEqual({
      webhook: { url: { from: 'env', name: 'W' }, format: 'json', token: null, insecure: false },
    });
  });

  it('take a flag over the block', () => {
    expect(receiversWithFlags(BLOCK, { to: 'webhook', url: 'env:OTHER', format: 'json' }).webhook).toEqual({
      ...{ url: { from: 'env', name: 'OTHER' }, token: null, insecure: false, format: 'json' },
    });
  });

  it.each<[Receivers, PushFlags, string]>([
    [
      {},
      {},
      '--to: expected the receiver: pushgateway, grafana, webhook, got none. Add --to and --url, or name a campaign with a publish block: --campaign.',
    ],
    [
      BLOCK,
      { url: 'http://x' },
      '--to: expected the receiver: pushgateway, grafana, webhook, got none. --url is of one receiver: say which.',
    ],
    [
      {},
      { to: 'pushgatway' },
      '--to: expected one of pushgateway, grafana, webhook, got "pushgatway". Did you mean pushgateway?',
    ],
    [
      {},
      { to: 'pushgateway' },
      '--to pushgateway: expected its URL, got none. Add --url env:PUSHGATEWAY_URL, or name a campaign whose publish block has it: --campaign.',
    ],
    [
      {},
      { to: 'grafana' },
      '--to grafana: expected its URL, got none. Add --url env:GRAFANA_URL, or name a campaign whose publish block has it: --campaign.\n--to grafana: expected its token, got none. Add --token env:GRAFANA_TOKEN, or name a campaign whose publish block has it: --campaign.',
    ],
    [
      BLOCK,
      { to: 'pushgateway,webhook', token: 'env:T' },
      '--token: expected one receiver in --to, got pushgateway, webhook.',
    ],
    [
      BLOCK,
      { to: 'pushgateway', format: 'slak', dashboard: 'x' },
      '--dashboard: expected --to grafana with it, got pushgateway.\n--format: expected --to webhook with it, got pushgateway.\n--format: expected one of json, slack, got "slak". Did you mean slack?',
    ],
    [
      {},
      { to: 'webhook', url: 'https://hooks.slack.com/services/T/B/4f1c0a52', token: 'glsa_4f1c' },
      '--token: expected a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana, got something else. Put the value into an environment variable or a file, and write env:NAME or file:PATH instead.\n--url: expected a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana, got something else. Put the value into an environment variable or a file, and write env:NAME or file:PATH instead.',
    ],
  ])('are refused: %#', (block, flags, expected) => {
    expect(said(block, flags)).toBe(expected);
  });
});
