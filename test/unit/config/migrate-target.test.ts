import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { migrateTarget } from '../../../src/config/migrate-target.ts';
import { parseTarget } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { lineDiff } from '../../../src/report/line-diff.ts';
import { findSystem } from '../../../src/run/files/systems.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { goldenCases } from './golden-cases.ts';

const SHOP = join(projectRoot, 'test/fakes/shop.yaml');
const shop = () => parseSystem(SHOP, readFileSync(SHOP, 'utf8'));
const migrate = (text: string): string => migrateTarget('t.yaml', text, shop).text;

const read = (text: string, find = findSystem): object => {
  // How pods are found is in services then, and links have no order.
  const { protectedAt: _, system, kubernetes, ...target } = parseTarget('t.yaml', text, find);
  return { ...target, ...kubernetes, system: system.name, links: [...(kubernetes?.links ?? [])].sort() };
};

describe('an older target file', () => {
  it('has its addresses in services; comments and everything else stay as they are', () => {
    const before = `# The shop in staging.
name: staging        # ours
platform: none
# who buys
web: { url: "http://127.0.0.1:8000" }   # a port-forward
policy:   { optIn: false,   hours: any }

# what is said
# about orders
kafka:
  brokers: [{ id: 4, address: "127.0.0.1:9092" }, "127.0.0.1:9093"]  # two of them
redis: { url: "redis://127.0.0.1:6379" }
orders: "127.0.0.1:50051" # over gRPC
environment: { cluster: eu }   # the end
`;
    expect(migrate(before)).toBe(`# The shop in staging.
schema: gauntlet.target/1
name: staging        # ours
system: shop
platform: none
# who buys
services:
  web: { address: "http://127.0.0.1:8000" } # a port-forward
  # what is said
  # about orders
  kafka:
    address: [ { id: 4, address: "127.0.0.1:9092" }, "127.0.0.1:9093" ] # two of them
  redis: { address: "redis://127.0.0.1:6379" }
  orders: { address: "127.0.0.1:50051" } # over gRPC
policy:   { optIn: false,   hours: any }

environment: { cluster: eu }   # the end
`);
  });

  it('has its pods in services too', () => {
    const before = `name: staging
platform: kubernetes
kubernetes:
  context: staging
  services:              # as found in the cluster
    web:   { namespace: shop, selector: app=web }
    # the store
    redis: { namespace: stores, selector: app=redis, replacedBy: Store } # a set of theirs
  # backend: chaos-mesh
  journal: { namespace: gauntlet }
web: { url: "http://127.0.0.1:8000" }   # a port-forward
`;
    expect(migrate(before)).toBe(`schema: gauntlet.target/1
name: staging
system: shop
platform: kubernetes
kubernetes:
  context: staging
  # backend: chaos-mesh
  journal: { namespace: gauntlet }
services:
  # as found in the cluster
  web: { address: "http://127.0.0.1:8000", find: { kubernetes: { namespace: shop, selector: app=web } } } # a port-forward
  # the store
  redis: { find: { kubernetes: { namespace: stores, selector: app=redis, replacedBy: Store } } } # a set of theirs
`);
    const pods = 'web: { namespace: c, selector: d }';
    expect(
      migrate(`name: a\nplatform: kubernetes\nkubernetes: { context: b, services: { ${pods} } }\n`),
    ).toBe(`schema: gauntlet.target/1
name: a
system: shop
platform: kubernetes
kubernetes: { context: b }
services:
  web: { find: { kubernetes: { namespace: c, selector: d } } }
`);
  });

  it('says which pods and which protection its system adds, and loses none of its own', () => {
    const system = shop();
    const guarded = {
      ...system,
      services: system.services.map((one) => ({ ...one, isProtected: one.name === 'kafka' })),
    };
    const found = { kubernetes: { namespace: 'shop', selector: 'app=x' } };
    const known = {
      ...guarded,
      services: guarded.services.map((one) => ({ ...one, ...(one.name === 'redis' && { find: found }) })),
    };
    const text =
      'name: a\nplatform: kubernetes\nkubernetes: { context: b, services: { web: { namespace: c, selector: d } } }\n';
    expect(migrateTarget('t.yaml', text, () => known).adds).toEqual([
      'system shop also finds the pods of redis',
      'system shop also protects kafka (policy.unprotected lifts that)',
    ]);
  });

  it('is left as it is when it is today’s, and after it was rewritten', () => {
    const once = migrate('name: a\nplatform: none\nweb: { url: "http://127.0.0.1:8000" }\n');
    expect(migrate(once)).toBe(once);
  });

  it('is refused with its own problems when it is wrong', () => {
    expect(() => migrate('name: a\nplatform: nowhere\n')).toThrow(
      't.yaml:2:11: platform: expected sandbox, kubernetes, docker, processes or none, got "nowhere".',
    );
  });

  it('is refused when something would be lost, with the way by hand', () => {
    const anchored = 'name: a\nplatform: none\nweb: &w { url: "http://127.0.0.1:8000" }\nplanner: *w\n';
    expect(() => migrate(anchored)).toThrow(
      /^t\.yaml: expected a file that can be rewritten without loss, got .*\. Write schema: gauntlet\.target\/1 and services: \{ NAME: \{ address: … \} \} by hand\.$/,
    );
  });
});

describe('every target file of ours', () => {
  const files = readdirSync(join(projectRoot, 'targets')).map((name) => [
    name,
    readFileSync(join(projectRoot, 'targets', name), 'utf8'),
  ]);
  const cases = goldenCases('targets').map(({ title, yaml }) => [title, yaml]);
  it.each([...files, ...cases])('reads the same after it: %s', (_, text = '') => {
    let before: object;
    try {
      before = read(text);
    } catch (error) {
      expect(() => migrateTarget('t.yaml', text, findSystem)).toThrow(String((error as Error).message));
      return;
    }
    const { text: after, adds } = migrateTarget('t.yaml', text, findSystem);
    if (adds.length === 0) expect(read(after)).toEqual(before);
    expect(migrateTarget('t.yaml', after, findSystem)).toEqual({ text: after, adds: [] });
  });
});

it('reads the same for any services, orders, forms and comments', () => {
  const comment = fc.option(fc.stringMatching(/^[a-z][a-z ]{0,8}[a-z]$/), { nil: undefined });
  const block = fc.record({ above: comment, after: comment, isBlock: fc.boolean() });
  const keys = {
    web: ['url', '"http://127.0.0.1:8000"'],
    planner: ['url', '"http://[::1]:8001"'],
    redis: ['url', '"redis://127.0.0.1:6379"'],
    kafka: ['brokers', '["127.0.0.1:9092", { id: 9, address: "127.0.0.1:9093" }]'],
    policy: ['optIn', 'true'],
    environment: ['cluster', 'eu'],
  } as const;
  const chosen = fc.shuffledSubarray(Object.keys(keys) as (keyof typeof keys)[], { minLength: 1 });
  fc.assert(
    fc.property(chosen, fc.array(block, { minLength: 6, maxLength: 6 }), (names, forms) => {
      fc.pre(names.some((one) => one !== 'policy' && one !== 'environment'));
      const lines = names.map((name, index) => {
        const { above, after, isBlock = false } = forms[index] ?? {};
        const [key, value] = keys[name];
        const tail = after === undefined ? '' : ` # ${after}`;
        const text = isBlock
          ? `${name}:\n  ${key}: ${value}${tail}\n`
          : `${name}: { ${key}: ${value} }${tail}\n`;
        return `${above === undefined ? '' : `# ${above}\n`}${text}`;
      });
      const text = `name: a\nplatform: none\n${lines.join('')}`;
      const after = migrate(text);
      expect(read(after, shop)).toEqual(read(text, shop));
      expect((after.match(/# [a-z]/g) ?? []).length).toBe((text.match(/# [a-z]/g) ?? []).length);
    }),
    { numRuns: 30 },
  );
});

it('a difference of two texts has their lines, with two around each', () => {
  expect(lineDiff('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\ng\n')).toBe(' c\n d\n-e\n+E\n f\n+g\n ');
});
