import { describe, expect, it } from 'vitest';
import type { TlsAccess } from '../../../../src/core/access.ts';
import type { ScenarioEntry } from '../../../../src/core/scenario.ts';
import type { Topology } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { insecureIn, loadTls } from '../../../../src/run/plan/load-tls.ts';
import { environmentOf } from '../../../../src/run/plan/script-environment.ts';

const topology = (at: Readonly<Record<string, readonly [string, TlsAccess?]>>): Topology => ({
  ...{ platform: 'none', identity: 'none:t' },
  services: Object.entries(at).map(([name, [address, tls]]) => ({
    name,
    endpoints: [
      { protocol: 'http', at: [{ address, ...(tls && { access: { tls } }) }], asks: {}, proto: null },
    ],
  })),
});
const scenario: ScenarioEntry = {
  ...{ name: 'shop', file: '/p/shop.ts', summary: '', flows: ['a', 'b'], worstStallMs: ms(1000), http: true },
  services: { a: 'web', b: 'orders' },
};
const problemsOf = (at: Topology): readonly string[] =>
  loadTls(scenario, ['a', 'b'], at).problems.map((one) => `${one.subject}: ${one.expected}, got ${one.got}`);
const env = (name: string) => ({ from: 'env', name }) as const;

describe('TLS of a scenario', () => {
  it('is absent where all that it calls is plain, or not known yet', () => {
    const plain = topology({ web: ['http://h:1'], orders: ['http://h:2'], other: ['https://h:3', {}] });
    expect(loadTls(scenario, ['a', 'b'], plain)).toEqual({ problems: [] });
    expect(loadTls(scenario, ['a', 'b'], null)).toEqual({ problems: [] });
  });

  it('dials by the name of the certificate, which leads to the address', () => {
    const at = topology({
      web: ['https://10.0.0.7:8443', { serverName: 'web.shop' }],
      orders: ['http://h:2'],
    });
    expect(loadTls(scenario, ['a', 'b'], at)).toEqual({
      tls: { services: { web: { serverName: 'web.shop' } }, hosts: { 'web.shop:8443': '10.0.0.7:8443' } },
      problems: [],
    });
    expect(environmentOf(scenario, ['a', 'b'], at).env).toEqual({
      GAUNTLET_ADDRESS_WEB: 'https://web.shop:8443',
      GAUNTLET_ADDRESS_ORDERS: 'http://h:2',
    });
  });

  it('is known of a foreign script by the addresses that it is given', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a campaign writes it
    const foreign = { ...scenario, services: {}, env: { URL: '${web.address}/x' } };
    const at = topology({ web: ['https://h:1', {}], orders: ['https://h:2', {}] });
    expect(loadTls(foreign, ['a'], at).tls?.services).toEqual({ web: {} });
  });

  it('is refused where k6 has one setting for what should differ, all at once', () => {
    const pair = (name: string) => ({ cert: env(name), key: env(`${name}_KEY`) });
    const at = topology({
      web: ['https://web.shop:1', { insecure: true, serverName: 'other.shop', ...pair('ONE') }],
      orders: ['https://10.0.0.7:2', pair('TWO')],
    });
    expect(problemsOf(at)).toEqual([
      'TLS of scenario shop: tls.insecure for all services that it calls, or for none: k6 has one setting for all, got insecure for web alone',
      'TLS of scenario shop: one tls.cert for all services that it calls: k6 presents one, got different ones for web, orders',
      'services.web.tls.serverName: for load, a name for an address that is an IP: k6 dials by the name that it verifies, got other.shop for web.shop',
    ]);
  });

  it('names every service whose certificate is not checked, loaded or not', () => {
    const at = topology({ web: ['https://h:1', { insecure: true }], orders: ['https://h:2', {}] });
    expect(insecureIn(at)).toEqual({ insecure: ['web'] });
    expect(insecureIn(null)).toEqual({});
  });
});
