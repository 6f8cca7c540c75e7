import { expect, it } from 'vitest';
import type { Platform } from '../../../../src/core/acts/platform.ts';
import { checkReplicas } from '../../../../src/run/open/check-replicas.ts';

const instance = (service: string, name: string, ready = true) => ({ service, instance: name, ready });
const platform = (list: () => Promise<unknown>, services: readonly string[]): Platform =>
  ({
    handle: {
      kubernetes: { services: Object.fromEntries(services.map((one) => [one, {}])) },
    },
    topology: {
      declared: [
        { name: 'web', protocols: ['http'], replicas: { min: 2, max: 5 } },
        { name: 'bus', protocols: ['kafka'], replicas: { min: 3, max: 3 } },
        { name: 'cache', protocols: ['redis'], replicas: { min: 1, max: 1 } },
      ],
    },
    instances: { list },
  }) as unknown as Platform;

it('warns where fewer are ready than the system says, of the services that are found there', async () => {
  const list = async () => [
    instance('web', 'web-a'),
    instance('web', 'web-b', false),
    ...[1, 2, 3].map((id) => instance(`bus-${id}`, `bus-${id}`)),
  ];
  expect(await checkReplicas(platform(list, ['web']))).toEqual([
    { ok: true, warns: true, subject: 'replicas of web', detail: '1 ready, and the system says at least 2' },
    { ok: true, subject: 'replicas', detail: '1 of 2 services have as many ready as the system says' },
  ]);
});

it('fails where the instances cannot be listed', async () => {
  const list = () => Promise.reject(new Error('no answer'));
  expect(await checkReplicas(platform(list, ['web']))).toEqual([
    { ok: false, subject: 'replicas', detail: 'no answer' },
  ]);
});
