/**
 * A TLS server on loopback with its own certificate, and a kubeconfig for it. The test provides its answers.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterAccess, openKubeconfig } from '../../src/kube/client/kubeconfig.ts';

export interface TlsApi {
  readonly access: ClusterAccess;
  close(): void;
}

/** @param make the server, of HTTPS or of bare TLS, from its key and certificate. */
export async function tlsApi(make: (tls: { key: Buffer; cert: Buffer }) => Server): Promise<TlsApi> {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-tls-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-nodes', '-keyout', key, '-out', cert, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...subject], { stdio: 'ignore' });
  const server = make({ key: readFileSync(key), cert: readFileSync(cert) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority': cert };
  const contexts = [{ name: 'x', context: { cluster: 'c' } }];
  const kubeconfig = join(folder, 'k');
  writeFileSync(kubeconfig, JSON.stringify({ clusters: [{ name: 'c', cluster }], contexts }));
  return {
    access: openKubeconfig(kubeconfig, 'x'),
    close: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
