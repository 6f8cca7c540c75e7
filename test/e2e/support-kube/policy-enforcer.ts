/**
 * What a CNI that enforces NetworkPolicy does, for the test node, whose bridge enforces none: looks at the API server all the
 * time and programs the node's own network namespace. There alone; the machine's own rules are never touched.
 */
import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterState } from '../../../packages/test-cluster/src/state/cluster-state.ts';
import type { KubeClient } from '../../../src/kube/client/client.ts';
import {
  CHAINS,
  type ClusterObjects,
  type Enforcement,
  type NamespaceObject,
  type PodObject,
  type PolicyObject,
  restoreInput,
} from './policy-rules.ts';

const POLL_MS = 100;

export interface Enforcer {
  /** What keeps it from enforcing; empty when all went well. */
  readonly problems: readonly string[];
  /** Takes its rules away. */
  stop(): Promise<void>;
}

export async function startEnforcer(
  client: KubeClient,
  cluster: ClusterState,
  how: Enforcement,
): Promise<Enforcer> {
  const node = nodeOf(cluster);
  // Frames between two pods cross only the bridge: they meet the rules of IP by this alone.
  if ((await node.run(['cat', '/proc/sys/net/bridge/bridge-nf-call-iptables'])).trim() !== '1') {
    throw new Error('the bridge of the node hands nothing to iptables (br_netfilter)');
  }
  const problems: string[] = [];
  const stopping = new AbortController();
  await node.restore(restoreInput({ pods: [], namespaces: [], policies: [] }, how));
  // In mangle: behind the translation of Services, and before what kube-proxy accepts in filter.
  for (const chain of CHAINS) await node.run(['iptables', '-t', 'mangle', '-A', 'FORWARD', '-j', chain]);
  const loop = async (): Promise<void> => {
    let last = '';
    while (!stopping.signal.aborted) {
      try {
        const rules = restoreInput(await readObjects(client), how);
        if (rules !== last) await node.restore(rules);
        last = rules;
      } catch (error) {
        problems.push(String(error));
      }
      await sleep(POLL_MS);
    }
  };
  const ended = loop();
  return {
    problems,
    async stop() {
      stopping.abort();
      await ended;
      for (const chain of CHAINS) {
        await node.run(['iptables', '-t', 'mangle', '-D', 'FORWARD', '-j', chain]);
        await node.run(['iptables', '-t', 'mangle', '-F', chain]);
        await node.run(['iptables', '-t', 'mangle', '-X', chain]);
      }
    },
  };
}

/** Everybody's rules of the table that the enforcer writes to, in the node's network. */
export const mangleOf = (cluster: ClusterState): Promise<string> =>
  nodeOf(cluster).run(['iptables', '-t', 'mangle', '-S']);

async function readObjects(client: KubeClient): Promise<ClusterObjects> {
  const list = async <T>(path: string): Promise<readonly T[]> =>
    (await client.ask<{ items: T[] }>({ method: 'GET', path, what: `list ${path}` })).body.items;
  const [pods, namespaces, policies] = await Promise.all([
    list<PodObject>('/api/v1/pods'),
    list<NamespaceObject>('/api/v1/namespaces'),
    list<PolicyObject>('/apis/networking.k8s.io/v1/networkpolicies'),
  ]);
  return { pods, namespaces, policies };
}

interface Node {
  run(command: readonly string[]): Promise<string>;
  restore(input: string): Promise<void>;
}

/** Commands in the mount and network namespace of the node, where Debian's iptables lies over /usr. */
function nodeOf({ processes, folder }: ClusterState): Node {
  const pid = processes.find((one) => one.part === 'node')?.pid;
  if (pid === undefined) throw new Error('this cluster has no node');
  if (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net')) {
    throw new Error('the network of the node is that of this machine');
  }
  const path = `PATH=${join(folder, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const run = (command: readonly string[], input = ''): Promise<string> =>
    spawnIn('nsenter', ['--target', `${pid}`, '--mount', '--net', 'env', path, ...command], input);
  return {
    run,
    restore: async (input) => void (await run(['iptables-restore', '--noflush'], input)),
  };
}

function spawnIn(file: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${args.slice(5).join(' ')}: exit ${code}: ${stderr}`));
    });
    // A command that reads nothing may have ended by now; whether it did its work its exit code says.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
