import { expect, it } from 'vitest';
import { otherServices } from '../../../src/kube/other-services.ts';
import { ScriptedApi } from './scripted-api.ts';

const workload = (name: string, labels: object, more: object = {}) => ({
  metadata: { name },
  spec: { selector: { matchLabels: labels, ...more }, template: { metadata: { labels } } },
});

function cluster(): ScriptedApi {
  const api = new ScriptedApi();
  const path = (plural: string): string => `/apis/apps/v1/namespaces/shop/${plural}`;
  const deployments = [
    workload('web', { app: 'web' }),
    workload('front', { app: 'web', tier: 'front' }),
    workload(
      'billing',
      { app: 'billing' },
      { matchExpressions: [{ key: 'lane', operator: 'In', values: ['a', 'b'] }] },
    ),
    workload('mail', { app: 'mail' }),
  ];
  api.answers.set(path('deployments'), () => ({ items: deployments }));
  api.answers.set(path('statefulsets'), () => ({ items: [workload('mail', { app: 'mail-store' })] }));
  api.answers.set(path('daemonsets'), () => ({ items: [] }));
  return api;
}

it('is every other workload of the namespace, each under its own name and selector', async () => {
  const declared = { web: { namespace: 'shop', selector: 'app=web' } };
  expect(await otherServices(cluster(), { namespace: 'shop' }, declared)).toEqual({
    billing: { namespace: 'shop', selector: 'app=billing,lane in (a,b)' },
    mail: { namespace: 'shop', selector: 'app=mail' },
    'mail-statefulset': { namespace: 'shop', selector: 'app=mail-store' },
  });
});

it('is of the kinds that the system names, and of one namespace', async () => {
  const api = cluster();
  const found = await otherServices(api, { namespace: 'shop', workloads: ['StatefulSet'] }, {});
  expect(Object.keys(found)).toEqual(['mail']);
  expect(api.requests.map((one) => one.path)).toEqual(['/apis/apps/v1/namespaces/shop/statefulsets']);
  expect(await otherServices(api, { workloads: ['StatefulSet'] }, {})).toEqual({});
});
