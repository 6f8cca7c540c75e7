/**
 * k6 built from packages/k6 with Go: go.mod pins the version, go.sum verifies every module, and Go's own
 * caches make it resumable.
 */

import { buildFolder, throwIfDiskFull } from './cache-folder.ts';
import { findOnPath, runCommand } from './command.ts';
import type { Fetched } from './download.ts';
import type { ToolContext } from './part.ts';

/** Measured: 80 s cold on two cores. A machine that needs ten times that will not finish. */
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** Installs `folder/k6`, or returns why it could not. */
export async function buildK6(
  ctx: ToolContext,
  inputs: string,
  version: string,
  folder: string,
): Promise<Fetched> {
  const go = findOnPath('go', ctx.env);
  if (go === undefined)
    return { ok: false, why: 'no go on PATH (any Go from 1.21 fetches the one it needs)' };
  ctx.progress(`building k6 ${version} with Go: about 80 s on two cores, once`);
  const started = performance.now();
  return buildFolder(ctx.places.cache, folder, async (draft) => {
    const args = ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];
    const result = await runCommand(go, [...args, '-o', `${draft}/k6`, '.'], {
      cwd: inputs,
      // The user's own workspace or vendoring must not affect this build.
      env: { ...ctx.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    throwIfDiskFull(ctx.places.cache, result.output);
    if (!result.ok) return { ok: false, why: result.why };
    ctx.progress(`built k6 ${version} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return { ok: true };
  });
}
