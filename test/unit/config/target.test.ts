import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveTopology } from '../../../src/targets/resolve-topology.ts';
import { targetFrom } from '../../fakes/topology.ts';

const root = join(import.meta.dirname, '../../..');
const read = (name: string) =>
  targetFrom(`targets/${name}`, readFileSync(join(root, 'targets', name), 'utf8'));
const problemsOf = (text: string): string[] => {
  try {
    targetFrom('t.yaml', text);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
};

describe('a target file', () => {
  it('of the sandbox says its platform and that faults are allowed', () => {
    const { system, ...rest } = read('sandbox.yaml');
    expect(system.name).toBe('neural-hive-mind');
    expect(rest).toEqual({
      name: 'sandbox',
      file: 'targets/sandbox.yaml',
      platform: 'sandbox',
      addresses: {},
      policy: { optIn: true, protected: [], hours: 'any', load: { optIn: true, maxRate: null } },
      protectedAt: [],
      sandbox: { name: 'default' },
    });
  });

  it('of the staging example gives every address, and the token by name only', () => {
    const target = read('staging.example.yaml');
    expect(target.auth).toEqual({ kind: 'fixed', from: { from: 'env', name: 'GATEWAY_TOKEN' } });
    expect(target.policy.optIn).toBe(false);
    expect(target.kubernetes?.context).toBe('staging');
    expect(Object.keys(target.kubernetes?.services ?? {})).toHaveLength(8);
    const topology = resolveTopology(target, 'kubernetes:10.0.0.1:6443');
    expect(topology).toMatchObject({ platform: 'kubernetes', identity: 'kubernetes:10.0.0.1:6443' });
    expect(
      Object.fromEntries(
        topology.services.map(({ name, endpoints }) => [name, endpoints.flatMap((one) => one.at)]),
      ),
    ).toEqual({
      gateway: [{ address: 'http://127.0.0.1:8000' }],
      'specialist-business': [{ address: '127.0.0.1:50051' }],
      'specialist-technical': [{ address: '127.0.0.1:50052' }],
      'specialist-behavior': [{ address: '127.0.0.1:50053' }],
      'specialist-evolution': [{ address: '127.0.0.1:50054' }],
      'specialist-architecture': [{ address: '127.0.0.1:50055' }],
      kafka: [{ id: 0, address: '127.0.0.1:9092' }],
      redis: [{ address: 'redis://127.0.0.1:6379' }],
    });
  });

  it('names every problem at once with line and column, in the order of the file', () => {
    const text = [
      'name: Staging',
      'platform: nine',
      'gatway: { url: "http://127.0.0.1:8000" }',
      'specialists: { busines: "127.0.0.1:50051", technical: "127.0.0.1" }',
      'kafka: { brokers: [{ id: 2, address: "a:1" }, "b:70000", { id: 2, address: "c:3" }] }',
      'policy: { optIn: "yes", protected: redis, hours: "9-17" }',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      't.yaml:1:7: name: expected a name of lower-case letters, digits and dashes, at most 40 long, got "Staging".',
      't.yaml:2:11: platform: expected sandbox, kubernetes, docker, processes or none, got "nine". Did you mean none?',
      't.yaml:3:1: target key: expected one of name, schema, system, platform, services, gateway, semantic-translation-engine, consensus-engine, orchestrator-dynamic, hive, kafka, redis, specialists, links, auth, policy, environment, sandbox, docker, kubernetes, got "gatway". Did you mean gateway?',
      't.yaml:4:16: specialists key: expected one of business, technical, behavior, evolution, architecture, got "busines". Did you mean business?',
      't.yaml:4:55: specialists.technical: expected an address such as 127.0.0.1:9092 or [::1]:9092, got "127.0.0.1". Add the port.',
      't.yaml:5:47: kafka.brokers: expected an address such as 127.0.0.1:9092 or [::1]:9092, got "b:70000". The port is a number from 1 to 65535.',
      't.yaml:5:58: kafka.brokers: expected each broker id once, got 2 twice.',
      't.yaml:6:18: policy.optIn: expected true or false, got "yes".',
      't.yaml:6:36: policy.protected: expected a list of services, got "redis".',
      't.yaml:6:50: policy.hours: expected any, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00, got "9-17".',
    ]);
  });

  it('never repeats a secret that stands where a reference should', () => {
    const text = [
      'name: t',
      'platform: none',
      'gateway: { url: "http://admin:hunter2@127.0.0.1" }',
      'redis: { url: "redis://:hunter2@127.0.0.1:6379" }',
      'auth: { tokenFrom: hunter2 }',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      't.yaml:3:17: gateway.url: expected a URL such as http://127.0.0.1:8000, without user, password and path, got something else. Remove user and password.',
      't.yaml:4:15: redis.url: expected a URL such as redis://127.0.0.1:6379, without user, password and path, got something else. Remove user and password.',
      't.yaml:5:20: auth.tokenFrom: expected a reference to a secret such as env:GRAFANA_TOKEN or file:/run/secrets/grafana, got something else. Put the value into an environment variable or a file, and write env:NAME or file:PATH here.',
    ]);
    expect(problemsOf('name: t\nplatform: sandbox\nauth: hunter2').join()).not.toContain('hunter2');
  });

  it('refuses what would be ignored: addresses of a sandbox, a sandbox of addresses', () => {
    expect(problemsOf('name: t\nplatform: sandbox\nredis: { url: "redis://127.0.0.1" }')).toEqual([
      't.yaml:3:8: redis: expected no addresses with platform sandbox, which brings its own, got redis. Remove the key, or use platform none.',
    ]);
    expect(problemsOf('name: t\nplatform: none\nsandbox: { name: a }')).toEqual([
      't.yaml:1:1: target: expected at least one of gateway, semantic-translation-engine, consensus-engine, orchestrator-dynamic, hive, kafka, redis, specialists with platform none, got no address.',
      't.yaml:3:10: sandbox: expected platform sandbox with it, got none.',
    ]);
  });

  it('on Kubernetes says its context and the pods of each service; a kubeconfig stands beside the file', () => {
    const text = [
      'name: t',
      'platform: kubernetes',
      'kubernetes:',
      '  context: staging',
      '  kubeconfig: keys/kubeconfig',
      '  services:',
      '    gateway: { namespace: neural-hive, selector: app.kubernetes.io/name=gateway-intencoes }',
      'gateway: { url: "http://127.0.0.1:8000" }',
    ].join('\n');
    expect(targetFrom('/etc/targets/t.yaml', text)).toMatchObject({
      platform: 'kubernetes',
      addresses: { gateway: { http: [{ address: 'http://127.0.0.1:8000' }] } },
      kubernetes: {
        context: 'staging',
        kubeconfig: '/etc/targets/keys/kubeconfig',
        services: {
          gateway: { namespace: 'neural-hive', selector: 'app.kubernetes.io/name=gateway-intencoes' },
        },
      },
    });
  });

  it('on Kubernetes may name the namespace of the journals, which is not a protected one', () => {
    const text = (journal: string): string =>
      `name: t\nplatform: kubernetes\nkubernetes:\n  context: c\n  services: { a: { namespace: b, selector: c } }\n  journal: ${journal}`;
    expect(targetFrom('t.yaml', text('{ namespace: ops }')).kubernetes?.journalNamespace).toBe('ops');
    expect(problemsOf(text('{ namespace: kube-system }'))).toEqual([
      't.yaml:6:25: kubernetes.journal.namespace: expected a namespace that is not protected (kube-system, kube-public, kube-node-lease, calico-system, ' +
        'cert-manager, istio-system, logging, monitoring), got "kube-system".',
    ]);
    expect(problemsOf(text('ops'))).toEqual([
      't.yaml:6:12: kubernetes.journal: expected a map with namespace, got a text.',
    ]);
    expect(problemsOf(text('{ name: ops }'))).toEqual([
      't.yaml:6:12: kubernetes.journal.namespace: expected the name of a namespace, got nothing.',
      't.yaml:6:14: kubernetes.journal key: expected one of namespace, got "name".',
    ]);
  });

  it('on Kubernetes may leave links to Chaos Mesh, and says what only its owner knows: who crosses which', () => {
    const head =
      'name: t\ngateway: { url: "http://127.0.0.1:8000" }\nplatform: kubernetes\nkubernetes:\n  context: c\n  services:\n';
    const text = `${head}    gateway: { namespace: n, selector: a }\n    redis: { namespace: n, selector: b }\n`;
    const mesh =
      '  backend: chaos-mesh\n  probesFrom: [10.0.0.7/32, "fd00::7/128"]\n  crossedBy: { "gateway -> redis": gateway }\n';
    expect(targetFrom('t.yaml', text).kubernetes?.chaosMesh).toBeUndefined();
    expect(targetFrom('t.yaml', `${text}  backend: native\n`).kubernetes?.chaosMesh).toBeUndefined();
    expect(targetFrom('t.yaml', text + mesh).kubernetes?.chaosMesh).toEqual({
      probesFrom: ['10.0.0.7/32', 'fd00::7/128'],
      crossedBy: { 'gateway->redis': 'gateway' },
    });
    expect(problemsOf(`${text}  backend: litmus\n  probesFrom: 10.0.0.7/32\n`)).toEqual([
      't.yaml:9:12: kubernetes.backend: expected native or chaos-mesh, got "litmus".',
      't.yaml:10:15: kubernetes.probesFrom: expected backend: chaos-mesh with it, got native.',
    ]);
    const wrong =
      '  backend: chaos-mesh\n  probesFrom: 0.0.0.0/0\n  crossedBy: { "gateway->redsi": gateway, redis: gateway }\n';
    expect(problemsOf(text + wrong)).toEqual([
      't.yaml:10:15: kubernetes.probesFrom: expected addresses as pods see them, such as 10.20.0.7/32, got "0.0.0.0/0".',
      't.yaml:11:16: kubernetes.crossedBy key: expected two of gateway, redis with -> between them, got "gateway->redsi". Did you mean redis?',
      't.yaml:11:43: kubernetes.crossedBy key: expected two of gateway, redis with -> between them, got "redis".',
    ]);
  });

  it('on Kubernetes says how links are broken and by whose image', () => {
    const block = (...lines: readonly string[]): string =>
      [
        'name: t',
        'platform: kubernetes',
        'kubernetes:',
        '  context: c',
        '  services: { a: { namespace: n, selector: app=a } }',
        ...lines,
      ].join('\n');
    const read = (...lines: readonly string[]) => {
      const parsed = targetFrom('t.yaml', block(...lines));
      return parsed.kubernetes?.network;
    };
    expect(read()).toBeUndefined();
    expect(read('  network: network-policy')).toEqual({ by: 'network-policy' });
    expect(read('  agent: { image: "r/netagent:1" }')).toEqual({ by: 'agent', image: 'r/netagent:1' });
    const mesh = '  backend: chaos-mesh';
    // Chaos Mesh breaks the links; the agent's image is for reading counters in pods.
    expect(read(mesh, '  agent: { image: "r/netagent:1" }')?.image).toBe('r/netagent:1');
    expect(problemsOf(block(mesh, '  network: agent'))).toEqual([
      't.yaml:7:12: kubernetes.network: expected either backend: chaos-mesh or network, got both.',
    ]);
    expect(problemsOf(block('  network: mesh', '  agent: { images: x }'))).toEqual([
      't.yaml:6:12: kubernetes.network: expected one of agent, network-policy, got "mesh".',
      't.yaml:7:10: kubernetes.agent.image: expected a text that is not empty, got nothing.',
      't.yaml:7:12: kubernetes.agent key: expected one of image, got "images". Did you mean image?',
    ]);
  });

  it('on Kubernetes has no default context, no selector that means every pod, and no block without its platform', () => {
    expect(problemsOf('name: t\nplatform: kubernetes')).toEqual([
      't.yaml:1:1: target: expected a kubernetes block with platform kubernetes, got none.',
    ]);
    const block = 'kubernetes:\n  services:\n    gateway: { namespace: N, selector: " ", grace: 3 }';
    expect(problemsOf(`name: t\nplatform: kubernetes\n${block}`)).toEqual([
      't.yaml:4:3: kubernetes.context: expected the name of a context of the kubeconfig (there is no default), got nothing.',
      't.yaml:5:27: kubernetes.services.gateway.namespace: expected the name of a namespace, got "N".',
      't.yaml:5:40: kubernetes.services.gateway.selector: expected a label selector such as app.kubernetes.io/name=web (as in kubectl get pods -l), got " ".',
      't.yaml:5:45: kubernetes.services.gateway key: expected one of namespace, selector, replacedBy, got "grace".',
    ]);
    const none = 'platform: none\nredis: { url: "redis://h" }';
    expect(
      problemsOf(
        `name: t\n${none}\nkubernetes: { context: c, services: { a: { namespace: b, selector: c } } }`,
      ),
    ).toEqual(['t.yaml:4:13: kubernetes: expected platform kubernetes with it, got none.']);
  });

  it('on Kubernetes may vouch for a controller that Gauntlet does not know', () => {
    const text = (by: string): string =>
      `name: t\nplatform: kubernetes\nkubernetes:\n  context: c\n  services: { a: { namespace: b, selector: c, replacedBy: ${by} } }`;
    expect(targetFrom('t.yaml', text('Fleet')).kubernetes?.services['a']?.replacedBy).toBe('Fleet');
    expect(problemsOf(text('some-fleet'))).toEqual([
      't.yaml:5:59: kubernetes.services.a.replacedBy: expected the kind of the controller that creates new pods, such as StrimziPodSet, got "some-fleet".',
    ]);
  });

  it('is refused when it is empty or not YAML', () => {
    expect(problemsOf('')).toEqual([
      't.yaml:1:1: target: expected a map with name, schema, system, platform, services, gateway, semantic-translation-engine, consensus-engine, orchestrator-dynamic, hive, kafka, redis, specialists, links, auth, policy, environment, sandbox, docker, kubernetes, got nothing.',
    ]);
    expect(problemsOf('name: [')[0]).toMatch(/^t\.yaml:1:8: YAML: expected valid YAML, got /);
  });

  it('may say what load it takes, of which a ceiling is a rate', () => {
    const text = (load: string): string =>
      `name: t\nplatform: none\nredis: { url: "redis://a" }\npolicy: { load: ${load} }`;
    expect(targetFrom('t.yaml', text('{ optIn: true, maxRate: 200/s }')).policy.load).toEqual({
      optIn: true,
      maxRate: 200,
    });
    expect(problemsOf(text('{ optin: true, maxRate: 200 }'))).toEqual([
      't.yaml:4:19: policy.load key: expected one of optIn, maxRate, got "optin". Did you mean optIn?',
      't.yaml:4:41: policy.load.maxRate: expected an arrival rate greater than 0, such as 100/s or 30/m, got 200.',
    ]);
    expect(problemsOf(text('true'))).toEqual([
      't.yaml:4:17: policy.load: expected a map with optIn, maxRate, got a boolean.',
    ]);
  });

  it('allows nothing and at any hour when it has no policy', () => {
    const target = targetFrom('t.yaml', 'name: t\nplatform: none\nredis: { url: "redis://a" }');
    expect(target.policy).toEqual({
      optIn: false,
      protected: [],
      hours: 'any',
      load: { optIn: false, maxRate: null },
    });
    expect(resolveTopology(target).identity).toBe('none:a:6379');
  });
});

describe('the environment of a target', () => {
  const target = (environment: string): string => `name: a\nplatform: sandbox\nenvironment: ${environment}\n`;

  it('is a few declared words, each kept as a text', () => {
    const { environment } = targetFrom(
      't.yaml',
      target('{ cluster: staging-eu, nodes: 3, cpu: "EPYC 7763" }'),
    );
    expect(environment).toEqual({ cluster: 'staging-eu', nodes: '3', cpu: 'EPYC 7763' });
  });

  it('names each word that is none with its place', () => {
    expect(problemsOf(target('{ Cluster: a, nodes: [3], cpu: "", zone: "a\\nb" }'))).toEqual([
      't.yaml:3:16: environment key: expected a name of lower-case letters, digits and dashes, such as cluster, got "Cluster".',
      't.yaml:3:35: environment.nodes: expected a text of at most 100 characters on one line, or a number, got [3].',
      't.yaml:3:45: environment.cpu: expected a text of at most 100 characters on one line, or a number, got "".',
      't.yaml:3:55: environment.zone: expected a text of at most 100 characters on one line, or a number, got "a\\nb".',
    ]);
    expect(problemsOf(target('blue'))).toEqual([
      't.yaml:3:14: environment: expected a map such as { cluster: staging-eu, nodes: 3 }, got "blue".',
    ]);
  });
});
