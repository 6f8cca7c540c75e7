/** Wherever a user gives a name, one that matches nothing is a usage error (64) that names the one that was probably meant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../src/core/errors.ts';
import { openKubeconfig } from '../../../src/kube/client/kubeconfig.ts';
import { planInjection, plannedFault } from '../../../src/run/inject.ts';
import { namedTarget } from '../../../src/run/open/names.ts';
import { checkSecrets } from '../../../src/run/open/secrets.ts';
import { dryRun } from '../../../src/run/prepare.ts';
import { placesFrom } from '../../../src/system/places.ts';
import { targetFrom } from '../../fakes/topology.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-names-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
/** k6 says what the scenarios are. */
const places = () => ({ cache: placesFrom(process.env).cache, state: join(folder, 'state') });
const QUIET = { env: process.env, progress: () => undefined };

const CAMPAIGN = `name: c
target: sandbox
load:
  - scenario: specialists
    rate: 10/s
    weights: { business: 1, technical: 1 }
faults:
  - kill-pod: { service: specialist-business, signal: SIGKILL, mode: one }
  - throttle-redis: { latency: 20ms, for: 2s }
  - together: [ { cut-link: { from: gateway, to: redis, for: 1s } }, { kill-broker: { broker: "leader of intentions.business" } } ]
  - restart-storm: { service: hive, names: [hive-1], for: 3s }
  - kill-pod: { service: kafka-1, leader-of: intentions.security }
  - partition-kafka: { broker: controller, from: clients, for: 1s }
  - grpc-fault: { service: specialist-behavior, from: hive, status: UNAVAILABLE, for: 1s }
  - noop: { probe: specialist-technical, for: 1s }
  - memory-stress: { service: specialist-evolution }
recovery: { hold: 1s, timeout: 5s }
abort: { when: "specialist.business failed > 50% for 5s" }
objectives:
  - specialist.business p99 < 500ms in baseline
  - specialist.technical recovered < 60s after throttle-redis
  - specialist.business failed < 1% in fault:cut-link+kill-broker
`;
const SHAPE = `name: c
target: sandbox
load:
  - { scenario: gateway-intentions, rate: 10/s }
shape:
  - { name: baseline, at: 100%, for: 10s }
  - { name: breakpoint, from: 100%, to: 200%, by: 50%, each: 10s, while: "gateway.intentions failed < 5%" }
objectives:
  - gateway.intentions capacity >= 10/s in breakpoint
`;
const SANDBOX = `name: names
platform: sandbox
sandbox: { name: names }
policy: { optIn: true, protected: [kafka-3, specialist-architecture-1], hours: any, load: { maxRate: 500/s } }
`;
const CLUSTER = `name: t
platform: kubernetes
kubernetes:
  context: staging
  backend: chaos-mesh
  services:
    gateway: { namespace: n, selector: a }
    redis: { namespace: n, selector: b }
  crossedBy: { "gateway->redis": gateway }
gateway: { url: "http://127.0.0.1:8000" }
specialists: { business: "127.0.0.1:50051" }
`;

/** What one text with one name misspelt makes of itself; an error is what is looked at. */
type Read = (text: string) => unknown;
const asCampaign: Read = async (text) => {
  const campaign = file('campaign.yaml', text);
  const target = text.includes('target: sandbox') ? file('target.yaml', SANDBOX) : undefined;
  return await dryRun({ campaign, target, seed: 1, scale: 1, places: places(), ...QUIET });
};
const asTarget: Read = async (text) => {
  const target = file('other.yaml', text);
  const campaign = file('campaign.yaml', CAMPAIGN);
  return await dryRun({ campaign, target, seed: 1, scale: 1, places: places(), ...QUIET });
};
const asCluster: Read = (text) => targetFrom('t.yaml', text);

const PLACES: readonly (readonly [string, Read, string, string, string, string])[] = [
  // what | how it is read | text | right | wrong | what is meant
  ['campaign key', asCampaign, CAMPAIGN, 'recovery:', 'recovry:', 'recovery'],
  ['target of a campaign', asCampaign, CAMPAIGN, 'target: sandbox', 'target: sandbx', 'sandbox'],
  ['load key', asCampaign, CAMPAIGN, 'rate: 10/s', 'rat: 10/s', 'rate'],
  ['scenario', asCampaign, CAMPAIGN, 'scenario: specialists', 'scenario: specialist', 'specialists'],
  ['weight', asCampaign, CAMPAIGN, 'business: 1', 'busines: 1', 'business'],
  ['fault', asCampaign, CAMPAIGN, 'restart-storm:', 'restart-strom:', 'restart-storm'],
  ['group', asCampaign, CAMPAIGN, 'together:', 'togehter:', 'together'],
  ['member of a group', asCampaign, CAMPAIGN, '{ cut-link:', '{ cut-lnik:', 'cut-link'],
  ['parameter', asCampaign, CAMPAIGN, 'signal:', 'singal:', 'signal'],
  ['word of a parameter', asCampaign, CAMPAIGN, 'SIGKILL', 'SIGKIL', 'SIGKILL'],
  ['word in another case', asCampaign, CAMPAIGN, 'SIGKILL', 'sigkill', 'SIGKILL'],
  ['mode', asCampaign, CAMPAIGN, 'mode: one', 'mode: oen', 'one'],
  ['side of a partition', asCampaign, CAMPAIGN, 'from: clients', 'from: client', 'clients'],
  [
    'service',
    asCampaign,
    CAMPAIGN,
    'service: specialist-business',
    'service: specialist-bussiness',
    'specialist-business',
  ],
  ['service of a storm', asCampaign, CAMPAIGN, 'service: hive', 'service: hvie', 'hive'],
  [
    'service without memory acts yet',
    asCampaign,
    CAMPAIGN,
    'specialist-evolution',
    'specialist-evolutoin',
    'specialist-evolution',
  ],
  ['instance', asCampaign, CAMPAIGN, '[hive-1]', '[hive-2]', 'hive-1'],
  ['end of a link that dials', asCampaign, CAMPAIGN, 'from: gateway', 'from: gatway', 'gateway'],
  ['end of a link that is dialled', asCampaign, CAMPAIGN, 'to: redis', 'to: reddis', 'redis'],
  [
    'topic of a leader',
    asCampaign,
    CAMPAIGN,
    'leader of intentions.business',
    'leader of intention.business',
    'intentions.business',
  ],
  [
    'topic of leader-of',
    asCampaign,
    CAMPAIGN,
    'intentions.security',
    'intentions.securty',
    'intentions.security',
  ],
  ['role of a broker', asCampaign, CAMPAIGN, 'broker: controller', 'broker: controler', 'controller'],
  [
    'service of requests',
    asCampaign,
    CAMPAIGN,
    'grpc-fault: { service: specialist-behavior',
    'grpc-fault: { service: specialist-behaviour',
    'specialist-behavior',
  ],
  ['status of a call', asCampaign, CAMPAIGN, 'UNAVAILABLE', 'UNAVAILABEL', 'UNAVAILABLE'],
  ['client of requests', asCampaign, CAMPAIGN, 'from: hive, status', 'from: hvie, status', 'hive'],
  [
    'probe',
    asCampaign,
    CAMPAIGN,
    'probe: specialist-technical',
    'probe: specialist-tecnical',
    'specialist-technical',
  ],
  ['recovery key', asCampaign, CAMPAIGN, 'timeout:', 'timout:', 'timeout'],
  ['abort key', asCampaign, CAMPAIGN, '{ when:', '{ wen:', 'when'],
  [
    'flow of an abort',
    asCampaign,
    CAMPAIGN,
    'specialist.business failed > 50%',
    'specialist.bisiness failed > 50%',
    'specialist.business',
  ],
  ['indicator of an abort', asCampaign, CAMPAIGN, 'failed > 50%', 'faild > 50%', 'failed'],
  [
    'flow of an objective',
    asCampaign,
    CAMPAIGN,
    'specialist.business p99',
    'specialist.busines p99',
    'specialist.business',
  ],
  ['phase', asCampaign, CAMPAIGN, 'in baseline', 'in basline', 'baseline'],
  [
    'phase of a group',
    asCampaign,
    CAMPAIGN,
    'fault:cut-link+kill-broker',
    'fault:cut-link+kill-boker',
    'fault:cut-link+kill-broker',
  ],
  ['indicator', asCampaign, CAMPAIGN, 'recovered < 60s', 'recoverd < 60s', 'recovered'],
  [
    'fault of `recovered after`',
    asCampaign,
    CAMPAIGN,
    'after throttle-redis',
    'after throtle-redis',
    'throttle-redis',
  ],
  ['segment key', asCampaign, SHAPE, 'while:', 'whlie:', 'while'],
  [
    'flow of a condition',
    asCampaign,
    SHAPE,
    'while: "gateway.intentions',
    'while: "gateway.intention',
    'gateway.intentions',
  ],
  ['segment of a capacity', asCampaign, SHAPE, 'in breakpoint', 'in brekpoint', 'breakpoint'],
  ['target key', asTarget, SANDBOX, 'policy:', 'polcy:', 'policy'],
  ['platform', asTarget, SANDBOX, 'platform: sandbox', 'platform: sandbx', 'sandbox'],
  ['policy key', asTarget, SANDBOX, 'optIn:', 'optin:', 'optIn'],
  ['load policy key', asTarget, SANDBOX, 'maxRate:', 'maxrate:', 'maxRate'],
  ['protected service', asTarget, SANDBOX, '[kafka-3', '[kafak-3', 'kafka-3'],
  [
    'protected instance',
    asTarget,
    SANDBOX,
    'specialist-architecture-1]',
    'specialist-architetcure-1]',
    'specialist-architecture-1',
  ],
  ['kubernetes key', asCluster, CLUSTER, 'backend:', 'backnd:', 'backend'],
  ['backend', asCluster, CLUSTER, 'chaos-mesh', 'chaosmesh', 'chaos-mesh'],
  ['service key', asCluster, CLUSTER, 'selector: a', 'selctor: a', 'selector'],
  ['end in crossedBy', asCluster, CLUSTER, '"gateway->redis"', '"gatewy->redis"', 'gateway'],
  ['dependency in crossedBy', asCluster, CLUSTER, '->redis": gateway', '->redis": gatewy', 'gateway'],
  ['specialist', asCluster, CLUSTER, 'business:', 'busines:', 'business'],
];

async function problemsOf(read: Read, text: string): Promise<string> {
  try {
    await read(text);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    expect(error.kind).toBe('usage');
    return error.message;
  }
}

describe('a name that matches nothing', () => {
  it.each([
    ['campaign', asCampaign, CAMPAIGN],
    ['shape', asCampaign, SHAPE],
    ['target', asTarget, SANDBOX],
    ['cluster', asCluster, CLUSTER],
  ] as const)('is not in the %s as it is written here', async (_, read, text) => {
    expect(await problemsOf(read, text)).toBe('accepted');
  });

  it.each(PLACES)('as %s is told with what was meant', async (_, read, text, right, wrong, meant) => {
    expect(text).toContain(right);
    expect(await problemsOf(read, text.replace(right, wrong))).toContain(`Did you mean ${meant}?`);
  });

  it('as a protected name stands with its file, line and column', async () => {
    const target = file('typo.yaml', SANDBOX.replace('[kafka-3', '[reddis'));
    const campaign = file('campaign.yaml', CAMPAIGN);
    await expect(dryRun({ campaign, target, seed: 1, scale: 1, places: places(), ...QUIET })).rejects.toThrow(
      `${target}:4:36: policy.protected: expected a service, an instance or a link of target names: client, consensus-engine, gateway, gateway-1, `,
    );
    await expect(planInjection(planOf('noop', ['for=1s']), namedTarget(target), places())).rejects.toThrow(
      'got "reddis". Did you mean redis?',
    );
  });

  it.each([['constructor'], ['toString'], ['hasOwnProperty']])(
    'is not found in what every object has: %s',
    async (name) => {
      const text = CAMPAIGN.replace('service: hive', `service: ${name}`);
      expect(await problemsOf(asCampaign, text)).toContain(`got "${name}"`);
      const target = CLUSTER.replace('    redis: {', `    ${name}: {`).replace(
        'gateway->redis',
        'gateway->__proto__',
      );
      expect(await problemsOf(asCluster, target)).toContain('gateway->__proto__');
    },
  );
});

const planOf = (fault: string, parameters: readonly string[], holdFor?: string) =>
  plannedFault({ fault, parameters, holdFor });

describe('a name on the command line that matches nothing', () => {
  it.each<readonly [string, () => unknown, string]>([
    [
      'campaign',
      () => dryRun({ campaign: 'dmeo', target: undefined, seed: 1, scale: 1, places: places(), ...QUIET }),
      'demo',
    ],
    ['target', () => namedTarget('sandbxo'), 'sandbox'],
    ['fault', () => planOf('kil-pod', []), 'kill-pod'],
    ['parameter', () => planOf('kill-pod', ['servce=hive']), 'service'],
    ['word', () => planOf('kill-pod', ['service=hive', 'signal=SIGTREM']), 'SIGTERM'],
    [
      'service',
      () => planInjection(planOf('kill-pod', ['service=hiv']), targetFrom('t.yaml', SANDBOX), places()),
      'hive',
    ],
    [
      'environment variable',
      () =>
        checkSecrets(targetFrom('t.yaml', `${CLUSTER}auth: { tokenFrom: "env:GATEWAY_TOKN" }\n`), {
          GATEWAY_TOKEN: 'x',
        }),
      'GATEWAY_TOKEN',
    ],
    [
      'context',
      () => {
        const config = { contexts: [{ name: 'staging', context: { cluster: 'c', user: 'u' } }] };
        return openKubeconfig(file('kubeconfig', JSON.stringify(config)), 'stagin');
      },
      'staging',
    ],
  ])('as %s is told with what was meant', async (_, act, meant) => {
    expect(await problemsOf(async () => await act(), '')).toContain(`Did you mean ${meant}?`);
  });
});

describe('a sandbox that is not up', () => {
  it('is protected all the same, as far as names tell', async () => {
    const target = file('closed.yaml', SANDBOX.replace('[kafka-3', '[redis'));
    const campaign = file('campaign.yaml', CAMPAIGN);
    await expect(
      dryRun({ campaign, target, seed: 1, scale: 1, places: places(), ...QUIET }),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(
        'throttle-redis on redis: expected a victim that is not protected, got redis, which policy.protected lists.',
      ),
    });
  });

  it('and did not opt in refuses faults before it is started', async () => {
    const target = file('closed.yaml', SANDBOX.replace('optIn: true', 'optIn: false'));
    const campaign = file('campaign.yaml', CAMPAIGN);
    const asked = dryRun({ campaign, target, seed: 1, scale: 1, places: places(), ...QUIET });
    await expect(asked).rejects.toThrow('policy.optIn: expected true, got false.');
  });
});

describe('a target that a campaign names by a path', () => {
  const text = (target: string): string => `name: c
target: ${target}
load: [{ scenario: specialists, rate: 10/s }]
objectives: [specialist.business p50 < 1s in baseline]
`;
  const planned = (campaign: string): Promise<unknown> =>
    dryRun({ ...QUIET, campaign, target: undefined, seed: 1, scale: 1, places: places() });

  it('is beside the campaign, or else in the working directory', async () => {
    file('beside.yaml', 'schema: gauntlet.target/1\nname: beside\nplatform: sandbox\n');
    for (const target of ['./beside.yaml', 'targets/sandbox.yaml', 'sandbox'])
      await expect(planned(file('own.yaml', text(target)))).resolves.toBeDefined();
  });

  it('and that is nowhere, is refused with the place of the name', async () => {
    const campaign = file('own.yaml', text('./besides.yaml'));
    await expect(planned(campaign)).rejects.toMatchObject({
      problems: [{ subject: 'target', place: { file: campaign, line: 2, column: 9 } }],
    });
  });
});
