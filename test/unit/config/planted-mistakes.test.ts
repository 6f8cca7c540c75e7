/** Planted mistakes in the files that users write: all of a file at once, each with its place and the fix. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseCampaign } from '../../../src/config/read-campaign.ts';
import { parseTarget } from '../../../src/config/read-target.ts';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { scenarioFrom } from '../../../src/config/system/scenario-description.ts';
import { parseUserFile } from '../../../src/config/user-file.ts';
import { usageError } from '../../../src/core/errors.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { KNOWN } from '../../fakes/scenarios.ts';

const SYSTEM = `schema: gauntlet.system/1
name: Shop
find: { kubernetes: { namespace: Shop } }
services:
  web:
    http: { port: 99999, ask: { ready: { get: health, good: 9xx } } }
    replicas: { min: 2 }
    protected: "yes"
    find: { kubernetes: { selector: "app={servce}" } }
  worker-{kind}: { each: { Kind: [a] }, grpc: 9000 }
  cache: { redis: 6379, sandbox: { use: rediss } }
  bus: { kafka: { topics: { orders.new: { correlation: { heeder: id } } } } }
  "*": { find: { kubernetes: { workloads: [Deploment] } } }
links: ["web -> cach", "web > bus"]
paths: { order: [orders.old, orders.new] }
slos: { p99: { limit: web.orders p99 < 500ms } }
`;

const SHOP = `schema: gauntlet.system/1
name: shop
summary: a shop
find: { kubernetes: { namespace: shop } }
services: { web: { http: 8080, protected: true }, cache: { redis: 6379 }, bus: { kafka: 9092 } }
links: ["web -> cache, bus"]
`;

const TARGET = `schema: gauntlet.target/2
name: Here
system: shop
platform: kubernets
services:
  wep: { address: "http://127.0.0.1:8080" }
  web: { address: "127.0.0.1", replicas: 0, find: { kubernets: { namespace: a } } }
  cache: { address: "redis://:secret@127.0.0.1", find: { kubernetes: { namespace: Cache } } }
  bus*x: { replicas: 1 }
kubernetes: { kubeconfig: "", services: { web: { namespace: shop } } }
policy: { optIn: "yes", protected: web, unprotected: [cache], hours: "9-17", load: { maxRate: fast } }
`;

const CAMPAIGN = `name: Demo
target: sandbox
load:
  - { scenario: gateway-intention, rate: 10/s }
  - { scenario: gateway-voice, rate: fast, weights: { gateway.voic: 1 } }
warmup: 5
baseline: 0s
faults:
  - kill-pods: { service: gateway }
  - throttle-redis: { bandwith: 1mbit, for: 8s }
  - cut-link: { from: gateway, for: soon }
repeat: 0
recovery: { hold: 5s, timeout: 1s }
abort: { when: gateway.intentions faild > 5% }
objectives:
  - gateway.intentions p99 < 500ms in basline
`;

const SCENARIO = `import { defineScenario, iteration } from '../gauntlet.ts';

export const options = defineScenario({
  sumary: 'an order',
  flows: {
    'web.orders': { service: '', protocol: 'htpp', records: [] },
    'web orders': { service: 'web' },
    'web.carts': { servce: 'web', exec: 7 },
  },
  timeLimit: 'soon',
  vuMemory: '1GB',
});
`;

/** What k6 says of it. */
const DESCRIPTION = {
  sumary: 'an order',
  flows: {
    'web.orders': { service: '', protocol: 'htpp', records: [] },
    'web orders': { service: 'web' },
    'web.carts': { servce: 'web', exec: 7 },
  },
  timeLimit: 'soon',
  vuMemory: '1GB',
};

function readScenario(): void {
  const said = { description: DESCRIPTION, names: { default: 'function' } };
  const script = { file: '/shop/file.yaml', shown: 'file.yaml', text: SCENARIO };
  const reading = scenarioFrom('orders', script, said, parseSystem('system.yaml', SHOP));
  if ('problems' in reading) throw usageError(...reading.problems);
}

function problemsIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

const KINDS = [
  ['scenario', SCENARIO, readScenario],
  ['system', SYSTEM, () => parseSystem('file.yaml', SYSTEM)],
  ['target', TARGET, () => parseTarget('file.yaml', TARGET, () => parseSystem('system.yaml', SHOP))],
  ['campaign', CAMPAIGN, () => parseCampaign('file.yaml', CAMPAIGN, KNOWN)],
] as const;

describe.each(KINDS)('the mistakes of a %s', (kind, text, read) => {
  it('come all at once, each with its place and the fix', async () => {
    const problems = problemsIn(read);
    await expect(`${problems.join('\n')}\n`).toMatchFileSnapshot(`golden/mistakes-${kind}.txt`);
    const places = problems.map((one) => /^file\.yaml:(\d+):(\d+): .+: expected .+/.exec(one));
    expect(problems.filter((_, index) => places[index] === null)).toEqual([]);
  });

  it('are marked by the JSON Schema, in an editor', async () => {
    const schema = JSON.parse(
      readFileSync(join(projectRoot, 'schemas', `${kind}.json`), 'utf8'),
    ) as AnySchema;
    const validate = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).compile(schema);
    validate(kind === 'scenario' ? DESCRIPTION : parseUserFile('file.yaml', text).data);
    const marked = [...new Set((validate.errors ?? []).map((one) => one.instancePath))].sort();
    await expect(`${marked.join('\n')}\n`).toMatchFileSnapshot(`golden/marked-${kind}.txt`);
  });
});
