/**
 * One real node with real pods, without a container engine: everything runs in its own namespaces (pid,
 * mount, network, host name), with Debian's containerd and runc as an overlay on /usr there. Nothing is
 * installed, and a killed node leaves nothing.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError, type Problem } from '../../../src/core/errors.ts';
import { programPath, projectRoot } from '../../../src/system/project.ts';
import { alone, buildFolder } from '../../../src/system/toolchain/cache-folder.ts';
import { runCommand } from '../../../src/system/toolchain/command.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';
import { isRoot, unpackPackage } from '../../sandbox/src/toolchain/apt.ts';
import { NETAGENT, requireGoTool, TESTPOD } from './go-tool.ts';

const PACKAGES = ['containerd', 'runc', 'containernetworking-plugins', 'iptables', 'conntrack'];
/** Address of the node, reachable only in its own namespace. */
export const NODE_ADDRESS = '10.77.0.1';
const CGROUPS = '/sys/fs/cgroup';

/** @throws unavailable, naming everything that a node needs and this machine lacks. */
export function requireNodeGround(): void {
  const problems: Problem[] = [];
  const subject = 'test cluster: a real node';
  if (!isRoot()) problems.push({ subject, expected: 'root, for namespaces and mounts', got: 'another user' });
  if (!existsSync(join(CGROUPS, 'cpuset', 'cpuset.cpus'))) {
    problems.push({ subject, expected: 'control groups version 1', got: 'another version' });
  }
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
}

export interface NodeParts {
  /** Unpacked packages. */
  readonly tools: string;
  /** A folder with the images to import. */
  readonly images: string;
}

/** Both stay in the cache. @throws unavailable when the packages or the image cannot be made. */
export async function requireNodeParts(ctx: ToolContext): Promise<NodeParts> {
  const testpod = await requireGoTool(TESTPOD, ctx);
  const tools = join(ctx.places.cache, 'node-tools-1');
  const agent = await requireGoTool(NETAGENT, ctx);
  // Named after its content: the image of an older program is in another folder.
  const images = join(dirname(agent), `images-${basename(dirname(testpod))}`);
  await alone(ctx, 'node-tools', 'unpacking containerd', async () => {
    if (!existsSync(tools)) await unpack(tools, ctx);
    if (existsSync(images)) return;
    const built = await buildFolder(ctx.places.cache, images, async (draft) => {
      const options = { env: ctx.env, timeoutMs: 30_000 };
      const own = await runCommand(testpod, ['image', join(draft, 'testpod.tar')], options);
      if (!own.ok) return { ok: false, why: own.why };
      const other = ['image', join(draft, 'netagent.tar'), 'localhost/netagent:1', agent];
      const made = await runCommand(testpod, other, options);
      return made.ok ? { ok: true } : { ok: false, why: made.why };
    });
    if (!built.ok) throw notHad('its image', built.why);
  });
  return { tools, images };
}

async function unpack(tools: string, ctx: ToolContext): Promise<void> {
  ctx.progress(`unpacking ${PACKAGES.join(', ')} into the cache, once`);
  const built = await buildFolder(ctx.places.cache, tools, async (draft) => {
    for (const name of PACKAGES) {
      const got = await unpackPackage(ctx, name, draft);
      if (!got.ok) return got;
    }
    const said = await runCommand(join(draft, 'usr/bin/containerd'), ['--version'], {
      env: ctx.env,
      timeoutMs: 30_000,
    });
    return said.ok ? { ok: true } : { ok: false, why: said.why };
  });
  if (!built.ok) throw notHad('Debian packages', built.why);
}

const notHad = (what: string, got: string): GauntletError =>
  new GauntletError('unavailable', [{ subject: 'test cluster: a real node', expected: what, got }]);

export interface NodeRequest extends NodeParts {
  readonly mkube: string;
  readonly folder: string;
  readonly apiPort: number;
  readonly etcdPort: number;
  /** Folders with further images to import. */
  readonly moreImages: readonly string[];
}

/** The settings are in `env`: a command line of this length would be truncated in /proc. */
export function nodeCommand(request: NodeRequest): readonly string[] {
  const { mkube, folder, tools, images, apiPort, etcdPort, moreImages } = request;
  const here = join(projectRoot, 'packages/test-cluster/node');
  mkdirSync(join(folder, 'log'), { recursive: true });
  const settings = {
    RUN: folder,
    HERE: here,
    MKUBE: mkube,
    TOOLS: tools,
    IMAGES: [images, ...moreImages].join(':'),
    API_PORT: apiPort,
    ETCD_PORT: etcdPort,
    GROUP: nodeGroup(folder),
    NODE: process.execPath,
    RELAY: programPath('packages/test-cluster/src/relay/main'),
  };
  return [
    'unshare',
    ...['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child'],
    'env',
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    join(here, 'inner.sh'),
  ];
}

/**
 * Control groups belong to the machine and not to a namespace, so each cluster needs its own: a kubelet kills
 * the processes in groups of pods that it does not know.
 */
export const nodeGroup = (folder: string): string =>
  `mkube-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;

/** The present control group of a cluster; none after it is down. */
export const nodeGroups = (folder: string): readonly string[] =>
  (existsSync(CGROUPS) ? readdirSync(CGROUPS) : [])
    .map((hierarchy) => join(CGROUPS, hierarchy, nodeGroup(folder)))
    .filter((path) => existsSync(path));

/** Removes the empty groups that a node leaves. */
export async function removeNodeGroups(folder: string): Promise<void> {
  for (const top of nodeGroups(folder)) {
    for (let tries = 1; existsSync(top); tries += 1) {
      try {
        removeGroup(top);
      } catch (error) {
        // Busy until the kernel has removed the last process of a killed namespace.
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 100) throw error;
        await sleep(50);
      }
    }
  }
}

function removeGroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}
