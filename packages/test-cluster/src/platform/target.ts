/**
 * The target file of the services in our own cluster; for a real cluster the user writes it by hand
 * (targets/staging.example.yaml).
 */
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { SPECIALISTS } from '../../../../systems/neural-hive-mind/stand-ins/src/specialists.ts';
import { TEST_CONTEXT } from '../state/fake-nodes.ts';
import { BROKER_IDS, brokerPod, NAMESPACES, type RelayPorts, relayAddress } from './addresses.ts';
import { brokerSelector } from './store-objects.ts';

export interface TargetRequest {
  readonly cluster: string;
  readonly kubeconfig: string;
  readonly ports: RelayPorts;
}

/** @param path its path, in the folder of the cluster, which `down` removes. */
export function writeTarget(path: string, request: TargetRequest): void {
  const head =
    '# The services in the test cluster, reached through its relays. Written by: npm run cluster -- up\n';
  writeFileSync(path, `${head}${stringify(targetOf(request))}`, { mode: 0o600 });
}

export function targetOf({ cluster, kubeconfig, ports }: TargetRequest): object {
  const named = (name: string): object => ({
    namespace: NAMESPACES.app,
    selector: `app.kubernetes.io/name=${name}`,
  });
  const specialists = SPECIALISTS.map((one) => `specialist-${one}`);
  return {
    // Names of targets are at most 40 long, those of clusters too.
    name: cluster,
    platform: 'kubernetes',
    kubernetes: {
      context: TEST_CONTEXT,
      kubeconfig,
      services: {
        gateway: named('gateway-intencoes'),
        ...Object.fromEntries(specialists.map((one) => [one, named(one)])),
        hive: named('hive'),
        redis: { namespace: NAMESPACES.redis, selector: 'app=redis' },
        ...Object.fromEntries(
          BROKER_IDS.map((id) => [
            `kafka-${id}`,
            {
              namespace: NAMESPACES.kafka,
              selector: Object.entries(brokerSelector(brokerPod(id)))
                .map((pair) => pair.join('='))
                .join(','),
            },
          ]),
        ),
      },
    },
    gateway: { url: `http://${relayAddress(ports, 'gateway')}` },
    specialists: Object.fromEntries(
      SPECIALISTS.map((one) => [one, relayAddress(ports, `specialist-${one}`)]),
    ),
    kafka: {
      brokers: BROKER_IDS.map((id) => ({
        id,
        address: relayAddress(ports, `kafka-${id}`),
        controller: relayAddress(ports, `kafka-${id}-controller`),
      })),
    },
    redis: { url: `redis://${relayAddress(ports, 'redis')}` },
    policy: { optIn: true, protected: [], hours: 'any', load: { optIn: true, maxRate: '500/s' } },
  };
}
