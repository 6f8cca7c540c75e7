/** k6 from the project's release archive, verified against the published checksums. */
import { readFileSync } from 'node:fs';
import { buildFolder, throwIfDiskFull } from './cache-folder.ts';
import { runCommand } from './command.ts';
import { download, type Fetched, matches } from './download.ts';
import type { ToolContext } from './part.ts';

export const K6_RELEASES = 'https://github.com/grafana/k6/releases/download';

const ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const UNPACK_TIMEOUT_MS = 60_000;

/** Installs `folder/k6`, or returns why it could not. */
export async function k6Archive(
  ctx: ToolContext,
  version: string,
  folder: string,
  releases: string,
): Promise<Fetched> {
  const arch = ARCH[process.arch];
  if (process.platform !== 'linux' || arch === undefined) {
    return { ok: false, why: `no Linux archive for ${process.platform}/${process.arch}` };
  }
  const name = `k6-v${version}-linux-${arch}`;
  const base = `${releases}/v${version}`;
  const sums = await download(ctx, `${base}/k6-v${version}-checksums.txt`);
  if (!sums.ok) return sums;
  const wanted = checksumOf(readFileSync(sums.path, 'utf8'), `${name}.tar.gz`);
  if (wanted === undefined) return { ok: false, why: `the published checksums do not name ${name}.tar.gz` };
  ctx.progress(`downloading k6 ${version} (${base})`);
  const archive = await download(ctx, `${base}/${name}.tar.gz`);
  if (!archive.ok) return archive;
  const checked = await matches(archive.path, 'sha256', wanted);
  if (!checked.ok) return checked;
  return buildFolder(ctx.places.cache, folder, async (draft) => {
    const args = ['-xzf', archive.path, '-C', draft, '--strip-components=1', `${name}/k6`];
    const result = await runCommand('tar', args, { env: ctx.env, timeoutMs: UNPACK_TIMEOUT_MS });
    throwIfDiskFull(ctx.places.cache, result.output);
    return result.ok ? { ok: true } : { ok: false, why: result.why };
  }).finally(() => archive.discard());
}

/** The hex digest for a file in the format of sha256sum: `<hex>  <name>`. */
export function checksumOf(sums: string, file: string): string | undefined {
  for (const line of sums.split('\n')) {
    const [digest, name] = line.trim().split(/\s+\*?/);
    if (name !== undefined && name.replace(/^.*\//, '') === file) return digest;
  }
  return undefined;
}
