/**
 * Debian packages, in two ways: unpacked into a cache folder (no root, nothing installed), and installed as
 * root. apt verifies what it downloads against the signed lists of the distribution.
 */
import { chmodSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makeFolder } from '../../../../src/system/make-folder.ts';
import { alone, throwIfDiskFull } from '../../../../src/system/toolchain/cache-folder.ts';
import { type CommandResult, findOnPath, runCommand } from '../../../../src/system/toolchain/command.ts';
import type { Fetched } from '../../../../src/system/toolchain/download.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';

const APT_TIMEOUT_MS = 10 * 60_000;
const LOCK = 'apt';

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * Downloads a package and those of its dependencies that this machine lacks, and unpacks all of them into
 * `folder`.
 */
export async function unpackPackage(ctx: ToolContext, name: string, folder: string): Promise<Fetched> {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (findOnPath(program, ctx.env) === undefined) return { ok: false, why: `no ${program} on PATH` };
  }
  return alone(ctx, LOCK, `using apt-get`, async () => {
    const debs = join(folder, '.debs');
    mkdirSync(debs);
    const first = await downloadDebs(ctx, name, debs, []);
    if (!first.ok) {
      // The system's package lists may be absent or old; ours can be updated without root.
      const lists = privateLists(ctx);
      ctx.progress('apt-get update (into the cache: the package lists of the system are missing or old)');
      const update = await apt(ctx, ['update', ...lists]);
      if (!update.ok) return { ok: false, why: `${first.why}; apt-get update: ${update.why}` };
      const second = await downloadDebs(ctx, name, debs, lists);
      if (!second.ok) return second;
    }
    for (const deb of readdirSync(debs).filter((one) => one.endsWith('.deb'))) {
      const unpacked = await run(ctx, 'dpkg-deb', ['-x', join(debs, deb), folder]);
      if (!unpacked.ok) return { ok: false, why: unpacked.why };
    }
    rmSync(debs, { recursive: true });
    // dpkg-deb gives the folder the mode of the package's root; a private cache must keep its own.
    chmodSync(folder, 0o755);
    relink(folder, folder);
    return { ok: true };
  });
}

/** Installs a package for the whole machine; root only. */
export async function installPackage(ctx: ToolContext, name: string): Promise<Fetched> {
  if (!isRoot()) return { ok: false, why: 'only root can install packages' };
  if (findOnPath('apt-get', ctx.env) === undefined) return { ok: false, why: 'no apt-get on PATH' };
  return alone(ctx, LOCK, `installing ${name}`, async () => {
    ctx.progress(`apt-get install ${name}`);
    const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', name];
    if ((await apt(ctx, install)).ok) return { ok: true };
    const update = await apt(ctx, ['update']);
    if (!update.ok) return { ok: false, why: `apt-get update: ${update.why}` };
    const again = await apt(ctx, install);
    return again.ok ? { ok: true } : { ok: false, why: again.why };
  });
}

/**
 * The packages that `apt-get install` would add; the package itself is included when it counts as installed
 * but its files were removed.
 */
async function downloadDebs(
  ctx: ToolContext,
  name: string,
  debs: string,
  lists: readonly string[],
): Promise<Fetched> {
  const simulate = ['-s', '-o', 'Debug::NoLocking=1', 'install', '--no-install-recommends', name];
  const plan = await apt(ctx, [...lists, ...simulate]);
  if (!plan.ok) return { ok: false, why: plan.why };
  const names = new Set([name, ...packagesIn(plan.output)]);
  const fetched = await apt(ctx, [...lists, 'download', ...names], debs);
  return fetched.ok ? { ok: true } : { ok: false, why: fetched.why };
}

/** The names on the `Inst` lines of a simulated install. */
export const packagesIn = (plan: string): string[] =>
  [...plan.matchAll(/^Inst (\S+) /gm)].map((match) => match[1] ?? '');

function privateLists(ctx: ToolContext): string[] {
  const [lists, cache] = [join(ctx.places.cache, 'apt', 'lists'), join(ctx.places.cache, 'apt', 'cache')];
  makeFolder(join(lists, 'partial'));
  makeFolder(join(cache, 'archives', 'partial'));
  // The two index files would take 100 MB and save only a second.
  const noIndex = ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
  return ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`, ...noIndex];
}

function apt(ctx: ToolContext, args: readonly string[], cwd?: string): Promise<CommandResult> {
  // As root apt downloads as user _apt, who cannot enter a private cache folder.
  const sandbox = isRoot() ? ['-o', 'APT::Sandbox::User=root'] : [];
  return run(ctx, 'apt-get', ['-q', ...sandbox, ...args], cwd);
}

async function run(
  ctx: ToolContext,
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<CommandResult> {
  // RUNLEVEL=1: a package that we install must not start its server.
  const env = { ...ctx.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', LC_ALL: 'C' };
  const options = { env, timeoutMs: APT_TIMEOUT_MS, ...(cwd === undefined ? {} : { cwd }) };
  const result = await runCommand(program, args, options);
  throwIfDiskFull(ctx.places.cache, result.output);
  return result;
}

/**
 * Packages have symbolic links with absolute paths (/etc/java-17-openjdk/...), which point outside of the
 * unpacked folder.
 */
function relink(root: string, folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) relink(root, path);
    if (!entry.isSymbolicLink()) continue;
    const target = readlinkSync(path);
    if (!target.startsWith('/')) continue;
    rmSync(path);
    symlinkSync(relative(dirname(path), join(root, target)), path);
  }
}
