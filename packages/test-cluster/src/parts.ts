/** The command lines of the test cluster's parts. Pure: ports and paths in, arguments out. */
import { join } from 'node:path';

export interface ClusterPorts {
  readonly api: number;
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly controllers: number;
  readonly scheduler: number;
}

export interface PartsRequest {
  readonly mkube: string;
  readonly folder: string;
  readonly ports: ClusterPorts;
}

const SERVICES = '10.96.0.0/16';

export const apiServerUrl = (ports: Pick<ClusterPorts, 'api'>): string => `https://127.0.0.1:${ports.api}`;

export function etcdCommand({ mkube, folder, ports }: PartsRequest): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    mkube,
    'etcd',
    '--name=n1',
    `--data-dir=${join(folder, 'etcd')}`,
    // Its data lives only as long as the test cluster: a sync to disk per write would cost time for nothing.
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=n1=${peer}`,
    '--log-level=warn',
  ];
}

export function apiServerCommand({ mkube, folder, ports }: PartsRequest): readonly string[] {
  const pki = (file: string): string => join(folder, 'pki', file);
  return [
    mkube,
    'kube-apiserver',
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.api}`,
    // Loopback is not a valid address of an Endpoints object: without this the API server exits.
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki('sa.pub')}`,
    `--service-account-signing-key-file=${pki('sa.key')}`,
    `--service-cluster-ip-range=${SERVICES}`,
    '--allow-privileged=true',
    '--profiling=false',
    // A watch must not delay a restart for a minute.
    '--shutdown-delay-duration=0s',
  ];
}

export function controllersCommand({ mkube, folder, ports }: PartsRequest): readonly string[] {
  const pki = (file: string): string => join(folder, 'pki', file);
  return [
    mkube,
    'kube-controller-manager',
    `--kubeconfig=${pki('controller-manager.kubeconfig')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.controllers}`,
    '--leader-elect=false',
    '--use-service-account-credentials',
    `--service-account-private-key-file=${pki('sa.key')}`,
    `--root-ca-file=${pki('ca.crt')}`,
    '--node-monitor-grace-period=20s',
    // With the standard 20/s the first ServiceAccount comes after 8 s instead of 3.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

export function schedulerCommand({ mkube, folder, ports }: PartsRequest): readonly string[] {
  return [
    mkube,
    'kube-scheduler',
    `--kubeconfig=${join(folder, 'pki', 'scheduler.kubeconfig')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.scheduler}`,
    '--leader-elect=false',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}
