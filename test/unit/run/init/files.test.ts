import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTarget } from '../../../../src/config/read-target.ts';
import { parseSystem } from '../../../../src/config/system/read-system.ts';
import { formatAddress } from '../../../../src/core/address.ts';
import { filesOf } from '../../../../src/run/init/files.ts';
import { projectRoot } from '../../../../src/system/project.ts';

const seen = { answers: true, text: '', paths: [] };
const WEB = { ...seen, name: 'web', protocol: 'http', addresses: ['http://127.0.0.1:8080'] } as const;
const CACHE = { ...seen, name: 'cache', protocol: 'redis', addresses: ['redis://127.0.0.1:6379'] } as const;
const BUS = {
  ...seen,
  name: 'bus',
  protocol: 'kafka',
  addresses: ['10.0.0.7:9092', '10.0.0.8:9092'],
} as const;
const SHOP = {
  name: 'shop',
  services: [WEB, CACHE],
  readies: [{ service: 'web', path: '/health' }],
  gets: [
    { service: 'web', path: '/items' },
    { service: 'web', path: '/about?a=1,b' },
  ],
  links: ['web -> cache'],
  allowFaults: false,
};
const textOf = (answers: Parameters<typeof filesOf>[0], path: string): string =>
  filesOf(answers, projectRoot).find((one) => one.path === path)?.text ?? '';

it('writes six files, each with its schema in line 1', () => {
  expect(filesOf(SHOP, projectRoot).map(({ path, text }) => [path, text.split('\n')[0]])).toEqual([
    ['systems/shop/system.yaml', '# yaml-language-server: $schema=../../schemas/system.json'],
    ['targets/shop.yaml', '# yaml-language-server: $schema=../schemas/target.json'],
    ['campaigns/shop-smoke.yaml', '# yaml-language-server: $schema=../schemas/campaign.json'],
    ['scenarios/shop/web.ts', '// Schema of its description: ../../schemas/scenario.json'],
    ['scenarios/tsconfig.json', '{'],
  ]);
});

it('allows nothing, and says where load is refused too', () => {
  expect(textOf(SHOP, 'targets/shop.yaml')).toContain(
    'policy: { optIn: false } # whether faults are allowed\n',
  );
  const far = textOf({ ...SHOP, services: [WEB, BUS] }, 'targets/shop.yaml');
  expect(far).toContain(
    'policy: { optIn: false, load: { optIn: false, maxRate: 20/s } } # whether faults, and load, are allowed\n',
  );
  expect(textOf({ ...SHOP, allowFaults: true }, 'targets/shop.yaml')).toContain('policy: { optIn: true }');
});

it('has the links of its services ready to be taken, each with a port of its own', () => {
  const bus = { ...BUS, addresses: ['127.0.0.1:9092', '127.0.0.1:6379'] };
  const answers = { ...SHOP, services: [WEB, CACHE, bus], links: ['web -> cache, bus', 'bus -> cache'] };
  const text = textOf(answers, 'targets/shop.yaml');
  const taken = text.replaceAll(/^# (?=links:| {2}- )/gm, '');
  const system = parseSystem('s.yaml', textOf(answers, 'systems/shop/system.yaml'));
  const links = parseTarget('t.yaml', taken, () => system).links ?? [];
  expect(links.map((one) => `${one.name}: ${formatAddress(one.listen)} ${formatAddress(one.dial)}`)).toEqual([
    'web->cache: 127.0.0.1:16379 127.0.0.1:6379',
    'web->bus-1: 127.0.0.1:19092 127.0.0.1:9092',
    'web->bus-2: 127.0.0.1:16380 127.0.0.1:6379',
    'bus->cache: 127.0.0.1:16381 127.0.0.1:6379',
  ]);
});

it('has no scenario where nothing speaks http', () => {
  const files = filesOf({ ...SHOP, services: [CACHE, BUS], readies: [], gets: [], links: [] }, projectRoot);
  expect(files.map((one) => one.path)).toEqual(['systems/shop/system.yaml', 'targets/shop.yaml']);
});

it('writes texts that read as what was answered, whatever the paths', () => {
  const path = fc.stringMatching(/^\/[!-~]{0,20}$/);
  fc.assert(
    fc.property(path, path, (ready, get) => {
      const answers = {
        ...SHOP,
        services: [WEB, CACHE, BUS],
        readies: [{ service: 'web', path: ready }],
        gets: [{ service: 'web', path: get }],
      };
      const system = parseSystem('s.yaml', textOf(answers, 'systems/shop/system.yaml'));
      const [web] = system.services;
      expect(web?.endpoints[0]?.asks['ready']?.question).toMatchObject({ kind: 'http', path: ready });
      expect(web?.endpoints[0]?.asks['contract']?.question).toMatchObject({ kind: 'http', path: get });
      expect(system.links).toEqual([{ from: 'web', to: 'cache' }]);
      const target = parseTarget('t.yaml', textOf(answers, 'targets/shop.yaml'), () => system);
      expect(target.addresses['bus']?.kafka?.map((one) => one.address)).toEqual(BUS.addresses);
      const script = textOf(answers, 'scenarios/shop/web.ts');
      const quoted = /const PATHS = \[(.*)\];/.exec(script)?.[1] ?? '';
      expect(JSON.parse(`"${quoted.slice(1, -1).replaceAll("\\'", "'").replaceAll('"', '\\"')}"`)).toBe(get);
    }),
    { numRuns: 50 },
  );
});
