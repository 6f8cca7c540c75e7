import { describe, expect, it } from 'vitest';
import {
  linkOf,
  proxyConfig,
  type Route,
  routeName,
  routesOf,
  viasOf,
} from '../../../../../src/kube/links/proxy/routes.ts';

const peers = {
  addresses: ['10.0.0.9', '10.96.0.9'],
  services: [{ address: '10.96.0.9', port: 6379 }],
  pods: [
    { address: '10.0.0.9', port: 6379 },
    { address: '10.0.0.9', port: 9121 },
  ],
};
const way = (link: string, peer: string, port: number, listen: number): Route => ({
  link,
  peer,
  port,
  listen,
});

describe('the ways to a proxy', () => {
  it('give each address and port of the other side a listener of its own', () => {
    expect(routesOf([{ name: 'web->db', peers }])).toEqual([
      way('web->db', '10.96.0.9', 6379, 20_000),
      way('web->db', '10.0.0.9', 6379, 20_001),
      way('web->db', '10.0.0.9', 9121, 20_002),
    ]);
  });

  it('count the same end of one link once, and of two links twice', () => {
    const twice = { ...peers, services: [...peers.services, ...peers.services], pods: [] };
    const found = routesOf([
      { name: 'web->db', peers: twice },
      { name: 'api->db', peers: twice },
    ]);
    expect(found.map(routeName)).toEqual(['web->db#0', 'api->db#1']);
    expect(found.map(routeName).map(linkOf)).toEqual(['web->db', 'api->db']);
  });

  it('are refused where the other side says no port', () => {
    expect(() =>
      routesOf([{ name: 'web->db', peers: { addresses: ['10.0.0.9'], services: [], pods: [] } }]),
    ).toThrow(
      'link web->db: expected a TCP port that a Service or a container of the other side declares, got none. ' +
        'Declare it (containers[].ports), otherwise traffic cannot be redirected through a proxy.',
    );
  });

  it('lead to the address of the proxy that is of the same family, and nowhere where it has none', () => {
    const ways = [way('web->db', '10.96.0.9', 6379, 20_000), way('web->db', 'fd00::9', 6379, 20_001)];
    expect(viasOf(ways, ['10.0.0.7'])).toEqual([{ peer: '10.96.0.9', port: 6379, to: '10.0.0.7:20000' }]);
    expect(viasOf(ways, ['10.0.0.7', 'fd00::7']).at(1)?.to).toBe('[fd00::7]:20001');
  });

  it('give the proxy the destination of each listener', () => {
    const ways = [way('web->db', '10.96.0.9', 6379, 20_000), way('web->db', 'fd00::9', 6379, 20_001)];
    expect(proxyConfig('slow-1', ways)).toEqual({
      controlSocket: { port: 19_999, below: 'slow-1' },
      links: [
        {
          name: 'web->db#0',
          from: 'web',
          to: 'db',
          listen: { host: '0.0.0.0', port: 20_000 },
          upstreams: [{ instance: '10.96.0.9', host: '10.96.0.9', port: 6379, ready: true }],
        },
        {
          name: 'web->db#1',
          from: 'web',
          to: 'db',
          listen: { host: '::', port: 20_001 },
          upstreams: [{ instance: 'fd00::9', host: 'fd00::9', port: 6379, ready: true }],
        },
      ],
    });
  });
});
