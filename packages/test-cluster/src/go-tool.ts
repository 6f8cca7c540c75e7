/**
 * The Go programs of the test cluster, built once per machine into the cache from their own folders (go.sum verifies every
 * module). Keyed by all of their source files: an edit builds again, two processes never build the same twice.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError } from '../../../src/core/errors.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { alone, buildFolder, throwIfDiskFull } from '../../../src/system/toolchain/cache-folder.ts';
import { findOnPath, isExecutable, runCommand } from '../../../src/system/toolchain/command.ts';
import type { ToolContext } from '../../../src/system/toolchain/part.ts';

export interface GoTool {
  /** The name of the binary. */
  readonly name: string;
  /** Where its source is, from the root of the project. */
  readonly folder: string;
  /** What is built: our own main package, or that of a module that go.mod pins. */
  readonly main: string;
  readonly ldflags: string;
  /** Arguments that make it say its version, and what must stand in the answer: a build that cannot run is no build. */
  readonly proof: readonly string[];
  readonly proofText: string;
  /** For the user who waits. */
  readonly cold: string;
}

const KUBERNETES = '1.34.4';
const stamp = (variable: string, value: string): string =>
  `-X k8s.io/component-base/version.${variable}=${value}`;

export const MKUBE: GoTool = {
  name: 'mkube',
  folder: 'packages/test-cluster/mkube',
  main: '.',
  // Without these the API server calls itself v0.0.0-master, and clients that check versions refuse it.
  ldflags: [
    '-s -w',
    stamp('gitVersion', `v${KUBERNETES}`),
    stamp('gitMajor', '1'),
    stamp('gitMinor', '34'),
    stamp('gitTreeState', 'clean'),
  ].join(' '),
  proof: ['kube-apiserver', '--version'],
  proofText: `Kubernetes v${KUBERNETES}`,
  cold: 'about 5 minutes on two cores',
};

export const KWOK: GoTool = {
  name: 'kwok',
  folder: 'packages/test-cluster/kwok',
  main: 'sigs.k8s.io/kwok/cmd/kwok',
  ldflags: '-s -w',
  proof: ['--version'],
  proofText: 'kwok version',
  cold: 'about 80 s on two cores',
};

/** The only image of the cluster with real pods. */
export const TESTPOD: GoTool = {
  name: 'testpod',
  folder: 'packages/test-cluster/testpod',
  main: '.',
  ldflags: '-s -w',
  proof: ['-v'],
  proofText: 'testpod 1',
  cold: 'a few seconds',
};

/** Disturbs a pod's network from inside; also an image of the test cluster. */
export const NETAGENT: GoTool = {
  name: 'netagent',
  folder: 'packages/netagent',
  main: '.',
  ldflags: '-s -w',
  proof: ['-v'],
  proofText: 'netagent 1',
  cold: 'a few seconds',
};

/** What a build reads; a README beside it changes nothing. */
const isSource = (name: string): boolean => name.endsWith('.go') || name === 'go.mod' || name === 'go.sum';

/** Measured on two busy cores: 4 min 48 s. Six times that is a machine that will not get there. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

export function goToolPath(tool: GoTool, ctx: Pick<ToolContext, 'places'>, inputs = inputsOf(tool)): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(inputs).filter(isSource).sort())
    hash.update(`${name}\0${readFileSync(join(inputs, name), 'utf8')}\0`);
  hash.update(tool.ldflags);
  return join(ctx.places.cache, `${tool.name}-${hash.digest('hex').slice(0, 12)}`, tool.name);
}

export const isBuilt = (tool: GoTool, ctx: Pick<ToolContext, 'places'>): boolean =>
  isExecutable(goToolPath(tool, ctx));

/**
 * The path of the binary, built when it is not there.
 * @throws unavailable with the reason when it cannot be built; nothing half-made stays.
 */
export async function requireGoTool(
  tool: GoTool,
  ctx: ToolContext,
  inputs = inputsOf(tool),
): Promise<string> {
  const path = goToolPath(tool, ctx, inputs);
  if (isExecutable(path)) return path;
  return await alone(ctx, tool.name, `building ${tool.name}`, async () => {
    // Another process may have built it while this one waited for the lock.
    if (isExecutable(path)) return path;
    const built = await build(tool, ctx, inputs, path);
    if (built.ok) return path;
    throw new GauntletError('unavailable', [
      {
        subject: `${tool.name} (the test cluster)`,
        expected: `a build with Go from ${tool.folder}`,
        got: built.why,
        next: 'Or let the tests use a cluster of your own: GAUNTLET_TEST_KUBECONFIG and GAUNTLET_TEST_CONTEXT.',
      },
    ]);
  });
}

const inputsOf = (tool: GoTool): string => join(projectRoot, tool.folder);

async function build(
  tool: GoTool,
  ctx: ToolContext,
  inputs: string,
  path: string,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }> {
  const go = findOnPath('go', ctx.env);
  if (go === undefined)
    return { ok: false, why: 'no go on PATH (any Go from 1.21 fetches the one it needs)' };
  ctx.progress(`building ${tool.name} with Go: ${tool.cold}, once`);
  const started = performance.now();
  return await buildFolder(ctx.places.cache, join(path, '..'), async (draft) => {
    const output = join(draft, tool.name);
    const args = [
      'build',
      '-mod=readonly',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      tool.ldflags,
      '-o',
      output,
      tool.main,
    ];
    const made = await runCommand(go, args, {
      cwd: inputs,
      // A workspace or vendoring of the user's own must not decide what is built here.
      env: { ...ctx.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    throwIfDiskFull(ctx.places.cache, made.output);
    if (!made.ok) return { ok: false, why: made.why };
    const said = await runCommand(output, tool.proof, { env: ctx.env, timeoutMs: 30_000 });
    if (!said.ok || !said.output.includes(tool.proofText)) {
      return {
        ok: false,
        why: `the binary does not say ${tool.proofText}: ${said.why || said.output.slice(0, 200)}`,
      };
    }
    ctx.progress(`built ${tool.name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return { ok: true };
  });
}
