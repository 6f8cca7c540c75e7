/**
 * The Go programs of the test cluster, built once per machine from their own folders into the cache (go.sum
 * verifies every module). The key covers all of their source files: an edit causes a new build, and two
 * processes never build the same program twice.
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
  /** Its source folder, relative to the root of the project. */
  readonly folder: string;
  /** The package to build: our own main package, or that of a module that go.mod pins. */
  readonly main: string;
  readonly ldflags: string;
  /**
   * Arguments that print its version, and the text that the output must contain: a binary that cannot run is
   * rejected.
   */
  readonly proof: readonly string[];
  readonly proofText: string;
  /** Duration of the first build, shown to the waiting user. */
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

/** The program in the only image of the cluster with real pods. */
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

/** The files that a build reads; a README in the folder does not change the key. */
const isSource = (name: string): boolean => name.endsWith('.go') || name === 'go.mod' || name === 'go.sum';

/** Measured on two busy cores: 4 min 48 s. A machine that needs six times that will not finish. */
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
 * The path of the binary, which is built when it does not exist.
 * @throws unavailable with the reason when it cannot be built; no partial build stays.
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
      // The user's own workspace or vendoring must not change what is built here.
      env: { ...ctx.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    throwIfDiskFull(ctx.places.cache, made.output);
    if (!made.ok) return { ok: false, why: made.why };
    const said = await runCommand(output, tool.proof, { env: ctx.env, timeoutMs: 30_000 });
    if (!said.ok || !said.output.includes(tool.proofText)) {
      return {
        ok: false,
        why: `the binary does not print ${tool.proofText}: ${said.why || said.output.slice(0, 200)}`,
      };
    }
    ctx.progress(`built ${tool.name} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return { ok: true };
  });
}
