/** One finding of each kind that an audit judges, made by hand in a namespace of a test cluster. */
import type { KubeClient } from '../../../src/kube/client/client.ts';

const IMAGE = 'registry.k8s.io/pause:3.10';
const instant = (secondsAgo: number): string =>
  new Date(Date.now() - secondsAgo * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
const READY = (status: string) => ({ type: 'Ready', status, lastTransitionTime: instant(300) });

interface PodJson {
  readonly metadata: { readonly name: string; readonly labels: { readonly app: string } };
}

/** @returns `kind owner` of each. */
export async function plantOneOfEach(client: KubeClient, namespace: string): Promise<readonly string[]> {
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const what = 'plant a finding';
  const { body } = await client.ask<{ items: PodJson[] }>({ method: 'GET', path: `${core}/pods`, what });
  const nameOf = (app: string): string => {
    const found = body.items.find((one) => one.metadata.labels.app === app);
    if (found === undefined) throw new Error(`no pod of ${app}`);
    return found.metadata.name;
  };
  const status = async (app: string, ready: boolean, container: object): Promise<void> => {
    const containerStatuses = [
      { name: app, image: IMAGE, imageID: '', ready, restartCount: 0, ...container },
    ];
    await client.ask({
      method: 'PATCH',
      path: `${core}/pods/${nameOf(app)}/status`,
      what,
      body: { status: { containerStatuses, conditions: [READY(ready ? 'True' : 'False')] } },
    });
  };
  const create = async (path: string, object: object): Promise<void> => {
    await client.ask({ method: 'POST', path, what, body: object });
  };
  const running = { running: { startedAt: instant(20) } };
  const ended = (reason: string) => ({
    terminated: { reason, exitCode: 137, startedAt: instant(60), finishedAt: instant(30) },
  });
  const waiting = (reason: string) => ({ state: { waiting: { reason } } });

  // Ready when it is looked at, and between two crashes.
  await status('atlas-service', true, { restartCount: 7, state: running, lastState: ended('Error') });
  await status('rte-service', false, waiting('ImagePullBackOff'));
  await status('hpc-service', false, { state: running });
  await status('bas-service', true, { restartCount: 1, state: running, lastState: ended('OOMKilled') });
  await create(`${core}/pods`, {
    metadata: { name: 'nowhere' },
    spec: { nodeSelector: { planted: 'yes' }, containers: [{ name: 'c', image: IMAGE }] },
  });
  await create(`${core}/services`, {
    metadata: { name: 'deaf' },
    spec: { selector: { app: 'nobody' }, ports: [{ port: 80 }] },
  });
  const labels = { app: 'no-such-folder' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: IMAGE }] } };
  await create(`${apps}/deployments`, {
    metadata: { name: 'no-such-folder' },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  });
  await leftover(client, apps, 'nmap-service');
  return [
    ...['crash-loop Deployment/atlas-service', 'image-pull Deployment/rte-service', 'pending Pod/nowhere'],
    ...['not-ready Deployment/hpc-service', 'out-of-memory Deployment/bas-service'],
    ...['leftover-replicaset Deployment/nmap-service', 'no-endpoints Service/deaf'],
    ...['no-endpoints Service/rte-service', 'no-endpoints Service/hpc-service'],
    ...['orphan Deployment/no-such-folder', 'zero-replicas Deployment/no-such-folder'],
  ];
}

/** A second ReplicaSet of a Deployment whose controller is paused, and keeps both. */
async function leftover(client: KubeClient, apps: string, app: string): Promise<void> {
  const annotated = { metadata: { annotations: { planted: 'yes' } } };
  await client.ask({
    method: 'PATCH',
    path: `${apps}/deployments/${app}`,
    what: 'pause a Deployment',
    body: { spec: { paused: true, template: annotated } },
  });
  const labels = { app, 'pod-template-hash': 'planted' };
  await client.ask({
    method: 'POST',
    path: `${apps}/replicasets`,
    what: 'plant a ReplicaSet',
    body: {
      metadata: { name: `${app}-planted`, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: app, image: IMAGE }] } },
      },
    },
  });
}
