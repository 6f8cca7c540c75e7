/**
 * A Docker engine of the test's own: Debian's dockerd with its data in a folder of the test, and an image of
 * node that is made from the files of this machine, so that no registry is asked.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../../src/system/project.ts';
import { Engine } from '../../../src/targets/docker/engine.ts';
import { until } from '../support-services/spawned.ts';

const DOCKERD = '/usr/sbin/dockerd';
const IMAGE = 'gauntlet-test-node';
const AGENT = 'localhost/netagent';

/** Null: a real engine can be started here. */
export const lacksEngine: string | null = !existsSync(DOCKERD)
  ? `a Docker engine: skipped, because ${DOCKERD} is not there (apt-get install docker.io)`
  : process.getuid?.() !== 0
    ? 'a Docker engine: skipped, because only root can start one'
    : spawnSync('go', ['version']).error !== undefined
      ? 'a Docker engine: skipped, because its agent is built with Go, which is not there'
      : null;

export class TestEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'gauntlet-docker-'));
  readonly socket = join(this.folder, 'docker.sock');
  readonly engine = new Engine(this.socket);
  readonly #networks: string[] = [];
  readonly #containers: string[] = [];
  #daemon: ChildProcess | undefined;

  async start(): Promise<void> {
    const daemon = spawn(
      DOCKERD,
      [
        ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'exec')],
        ...['-H', `unix://${this.socket}`, '--pidfile', join(this.folder, 'pid')],
        // Its own networks, and nothing in the tables of this machine.
        ...['--iptables=false', '--ip6tables=false', '--bridge=none'],
      ],
      { stdio: 'ignore' },
    );
    this.#daemon = daemon;
    const isUp = async (): Promise<boolean> =>
      await this.engine.ask('GET', '/_ping').then(
        ({ status }) => status === 200,
        (error: unknown) => /not valid JSON/.test(String(error)),
      );
    let up = false;
    await until(
      () => {
        void isUp().then((now) => (up ||= now));
        return up;
      },
      { timeoutMs: 60_000, explain: () => 'dockerd did not start' },
    );
  }

  /** Of packages/netagent, as deploy/Dockerfile.netagent makes it. */
  async makeAgentImage(): Promise<void> {
    const root = join(this.folder, 'agent');
    const env = { ...process.env, CGO_ENABLED: '0' };
    const cwd = join(projectRoot, 'packages/netagent');
    execFileSync('go', ['build', '-trimpath', '-o', join(root, 'netagent'), '.'], { cwd, env });
    await this.#import(root, AGENT, `changes=${encodeURIComponent('ENTRYPOINT ["/netagent"]')}`);
  }

  /** Of node and the libraries that it needs; nothing else is in it. */
  async makeImage(): Promise<void> {
    const root = join(this.folder, 'root');
    const node = realpathSync(process.execPath);
    const listed = execFileSync('ldd', [node], { encoding: 'utf8' });
    for (const file of [node, ...(listed.match(/\/\S+/g) ?? [])]) {
      const to = join(root, file === node ? '/usr/bin/node' : file);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(file, to);
    }
    await this.#import(root, IMAGE);
  }

  /** Without any file: programs come with the folders of this machine that a container mounts. */
  async makeHostImage(): Promise<void> {
    const root = join(this.folder, 'host');
    for (const name of ['usr', 'etc', 'tmp', 'proc', 'sys', 'dev'])
      mkdirSync(join(root, name), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name));
    await this.#import(root, 'gauntlet-test-host');
  }

  async #import(root: string, name: string, more = ''): Promise<void> {
    const tar = spawn('tar', ['-c', '-C', root, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise<void>((resolve, reject) => {
      const path = `/images/create?fromSrc=-&repo=${name}&tag=1&${more}`;
      const outgoing = request({ socketPath: this.socket, method: 'POST', path }, (incoming) => {
        incoming.resume();
        incoming.on('end', resolve);
      });
      outgoing.on('error', reject);
      tar.stdout.pipe(outgoing);
    });
    rmSync(root, { recursive: true, force: true });
  }

  /** Of containers among themselves. */
  async network(name: string, subnet: string): Promise<void> {
    await this.engine.act('POST', '/networks/create', [201], {
      ...{ Name: name, Driver: 'bridge', IPAM: { Config: [{ Subnet: subnet }] } },
    });
    this.#networks.push(name);
  }

  /** A server of HTTP, by default in the network of this machine, with the labels that Compose writes. */
  async run(
    service: string,
    port: number,
    over: {
      policy?: string;
      labels?: object;
      network?: string;
      program?: string;
      cpus?: number;
      memoryMiB?: number;
    } = {},
  ): Promise<string> {
    const {
      cpus = 0,
      memoryMiB = 0,
      policy = 'unless-stopped',
      labels = { 'gauntlet.opt-in': 'true' },
      network = 'host',
    } = over;
    const server = `require('http').createServer((q,a)=>a.end('ok')).listen(${port},'127.0.0.1')`;
    const { body } = await this.engine.act('POST', `/containers/create?name=shop-${service}-1`, [201], {
      Image: `${IMAGE}:1`,
      Cmd: ['/usr/bin/node', '-e', over.program ?? server],
      Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': service, ...labels },
      HostConfig: {
        ...{ NetworkMode: network, RestartPolicy: { Name: policy } },
        ...{ NanoCpus: cpus * 1e9, Memory: memoryMiB * 1024 * 1024 },
      },
    });
    const { Id: id } = body as { Id: string };
    this.#containers.push(id);
    await this.engine.act('POST', `/containers/${id}/start`, [204]);
    return id;
  }

  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon !== undefined && daemon.exitCode === null) {
      // A daemon that ends leaves the bridges of its networks on the machine.
      for (const id of this.#containers)
        await this.engine.act('DELETE', `/containers/${id}?force=1`, [204, 404]);
      for (const name of this.#networks) await this.engine.act('DELETE', `/networks/${name}`, [204, 404]);
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await ended;
    }
    this.engine.close();
    // The network namespaces of containers are mounts, and the daemon leaves the one of `NetworkMode: host`.
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .flatMap((line) => line.split(' ')[1] ?? [])
      .filter((path) => path.startsWith(`${this.folder}/`));
    for (const path of mounts) execFileSync('umount', [path]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
