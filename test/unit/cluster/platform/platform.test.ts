/** The objects of the services in our own cluster, against the contract and against each other. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELAYED, relayAddress } from '../../../../packages/test-cluster/src/platform/addresses.ts';
import {
  dependentObjects,
  specialistObjects,
} from '../../../../packages/test-cluster/src/platform/app-objects.ts';
import {
  formatBrokers,
  serverProperties,
} from '../../../../packages/test-cluster/src/platform/broker-files.ts';
import { collectionPath, type KubeObject } from '../../../../packages/test-cluster/src/platform/objects.ts';
import { kafkaObjects, redisObjects } from '../../../../packages/test-cluster/src/platform/store-objects.ts';
import { writeTarget } from '../../../../packages/test-cluster/src/platform/target.ts';
import { servicesLines } from '../../../../packages/test-cluster/src/platform/usage.ts';
import { targetFrom } from '../../../fakes/topology.ts';

const ports = Object.fromEntries(RELAYED.map(({ name }, index) => [name, 20_000 + index]));
const tools = {
  java: '/jdk/bin/java',
  kafka: {
    version: '4.3.1',
    classPath: ['/k/a.jar', '/k/b.jar'],
    archive: '/k/c.jsa',
    bootstrapCheckpoint: '/k/b',
  },
};
const all = [
  ...kafkaObjects(tools, '/data', ports),
  ...redisObjects,
  ...specialistObjects,
  ...dependentObjects,
];

interface Spec {
  readonly selector: Record<string, string> & { matchLabels?: Record<string, string> };
  readonly clusterIP: string;
  readonly ports: readonly { port: number }[];
  readonly minAvailable: number;
  readonly template: {
    metadata: { labels: Record<string, string> };
    spec: { containers: { command: string[]; args: string[]; stdin?: boolean }[] };
  };
}
const spec = (object: KubeObject): Spec => object.spec as Spec;
const of = (kind: KubeObject['kind']): KubeObject[] => all.filter((one) => one.kind === kind);
const workloads = [...of('Deployment'), ...of('StatefulSet')];

describe('the services as pods', () => {
  it('are where the real team has them', () => {
    expect(workloads.map((one) => `${one.metadata.namespace}/${one.metadata.name}`).sort()).toEqual([
      'kafka/neural-hive-kafka-broker',
      'neural-hive/gateway-intencoes',
      'neural-hive/hive',
      'neural-hive/specialist-architecture',
      'neural-hive/specialist-behavior',
      'neural-hive/specialist-business',
      'neural-hive/specialist-evolution',
      'neural-hive/specialist-technical',
      'redis-cluster/redis',
    ]);
  });

  it('carry the labels of Helm and no `app`, but for Redis', () => {
    for (const one of workloads) {
      const labels = spec(one).template.metadata.labels;
      expect('app' in labels, one.metadata.name).toBe(one.metadata.name === 'redis');
      expect(spec(one).selector.matchLabels).toEqual(labels);
      if (one.metadata.namespace === 'neural-hive')
        expect(labels['app.kubernetes.io/name']).toBe(one.metadata.name);
    }
  });

  it('have a Service each at an address of its own, and every relayed address is one of these', () => {
    const services = of('Service').map((one) => spec(one));
    const addresses = services.map((one) => one.clusterIP);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const { name, host, port } of RELAYED) {
      const service = services.find((one) => one.clusterIP === host);
      expect(
        service?.ports.map((one) => one.port),
        name,
      ).toContain(port);
    }
  });

  it('keep their stdin open, because the programs end with it', () => {
    const ours = workloads.filter((one) => one.metadata.namespace === 'neural-hive');
    expect(ours.map((one) => spec(one).template.spec.containers[0]?.stdin)).toEqual(ours.map(() => true));
  });

  it('have budgets where the contract has them', () => {
    const budgets = of('PodDisruptionBudget').map((one) => [one.metadata.name, spec(one).minAvailable]);
    expect(budgets).toEqual([
      ['gateway-intencoes', 1],
      ['hive', 1],
    ]);
  });

  it('are posted where the API has their kind', () => {
    expect([...new Set(all.map(collectionPath))]).toEqual([
      '/api/v1/namespaces/kafka/configmaps',
      '/api/v1/namespaces/kafka/services',
      '/apis/apps/v1/namespaces/kafka/statefulsets',
      '/api/v1/namespaces/redis-cluster/services',
      '/apis/apps/v1/namespaces/redis-cluster/deployments',
      '/api/v1/namespaces/neural-hive/services',
      '/apis/apps/v1/namespaces/neural-hive/deployments',
      '/apis/policy/v1/namespaces/neural-hive/poddisruptionbudgets',
    ]);
  });
});

describe('a broker in a pod', () => {
  it('leads clients from outside to its relay and all others to its service address', () => {
    const lines = serverProperties(2, ports).split('\n');
    expect(lines).toContain(
      `advertised.listeners=INTERNAL://10.96.77.42:9091,CONTROLLER://10.96.77.42:9090,PLAIN://10.96.77.42:9092,PROBE://${relayAddress(ports, 'kafka-2')}`,
    );
    expect(lines).toContain(
      'controller.quorum.voters=1@10.96.77.41:9090,2@10.96.77.42:9090,3@10.96.77.43:9090',
    );
    expect(lines).toContain('min.insync.replicas=2');
    expect(lines).toContain('log.dirs=/var/lib/kafka/neural-hive-kafka-broker-2/data');
  });

  it('finds a directory of one cluster that all three are formatted for', () => {
    const home = mkdtempSync(join(tmpdir(), 'gauntlet-brokers-'));
    try {
      const checkpoint = join(import.meta.dirname, 'platform.test.ts');
      formatBrokers(home, checkpoint);
      const meta = [1, 2, 3].map((id) =>
        readFileSync(join(home, `neural-hive-kafka-broker-${id}`, 'data', 'meta.properties'), 'utf8'),
      );
      expect(meta.map((text) => /node\.id=(\d)/.exec(text)?.[1])).toEqual(['1', '2', '3']);
      expect(new Set(meta.map((text) => /cluster\.id=(.*)/.exec(text)?.[1])).size).toBe(1);
      expect(new Set(meta.map((text) => /directory\.id=(.*)/.exec(text)?.[1])).size).toBe(3);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe('the target file of the services', () => {
  it('is read without a problem, selects the pods of every service and has the relayed addresses', () => {
    const home = mkdtempSync(join(tmpdir(), 'gauntlet-target-'));
    try {
      const path = join(home, 'target.yaml');
      writeTarget(path, { cluster: 'c', kubeconfig: '/pki/admin.kubeconfig', ports });
      const target = targetFrom(path, readFileSync(path, 'utf8'));
      expect(target.addresses['gateway']).toEqual({
        http: [{ address: `http://127.0.0.1:${ports['gateway']}` }],
      });
      expect(target.addresses['kafka']?.kafka?.[2]).toEqual({
        id: 3,
        address: relayAddress(ports, 'kafka-3'),
        controller: relayAddress(ports, 'kafka-3-controller'),
      });
      expect(target.policy.optIn).toBe(true);
      const labelled = workloads.map((one) => ({ ...one.metadata, ...spec(one).template.metadata }));
      for (const [service, where] of Object.entries(target.kubernetes?.services ?? {})) {
        const [key = '', value = ''] = where.selector.split('=');
        const ofSet = key === 'statefulset.kubernetes.io/pod-name';
        const found = labelled.filter(
          (one) =>
            one.namespace === where.namespace &&
            (ofSet ? value.startsWith(`${one.name}-`) : one.labels[key] === value),
        );
        expect(found.length, service).toBe(1);
      }
    } finally {
      rmSync(home, { recursive: true });
    }
  });

  it('is told with the command that uses it', () => {
    expect(servicesLines({ target: '/t.yaml', ports: { gateway: 81 } })).toEqual([
      '  gateway: 127.0.0.1:81',
      '  target: /t.yaml',
      '  use it: node dist/src/cli/main.js run campaigns/kubernetes-demo.yaml --target /t.yaml --yes',
    ]);
  });
});
