/**
 * The external programs that Gauntlet needs: checks them, gets them, or requires them. k6 is handled here;
 * the sandbox's own program handles those of the sandbox. A part is reported as found only when its binary
 * ran and reported a suitable version, and every failed way reports why.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import type { PartName, PartReport, SandboxPart, Tools } from '../../core/tools.ts';
import { getPart } from './get-part.ts';
import { fetchedK6, localK6 } from './k6.ts';
import { type ToolContext, walk } from './part.ts';
import { type Advice, partProblems, partReport } from './part-report.ts';
import { askSandboxParts } from './sandbox-parts.ts';

/** All of them, in display order. */
export const PART_NAMES: readonly PartName[] = ['k6', 'redis', 'java', 'kafka'];

const K6_ADVICE: Advice = {
  needed: 'k6 2.x',
  byHand: 'install k6 2.x (grafana.com/docs/k6) or Go, or set GAUNTLET_K6 to a k6 binary',
};

/** Only checks: never downloads, never installs. In the order of the names asked for. */
export async function inspectParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return await reports('inspect', names, ctx);
}

/**
 * Downloads what is missing, in parallel where independent. A part that cannot be obtained is a report with
 * reasons, not an error.
 * @throws GauntletError `unavailable` when the cache cannot be written: one error for all parts.
 */
export async function fixParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return await reports('fix', names, ctx);
}

/**
 * The programs themselves, for the code that runs them. Never downloads.
 * @throws GauntletError `unavailable` that names every missing part with what to type.
 */
export async function requireParts(names: readonly PartName[], ctx: ToolContext): Promise<Tools> {
  const others = sandboxPartsOf(names);
  const [k6, sandbox] = await Promise.all([
    names.includes('k6') ? walk(localK6(ctx)) : undefined,
    others.length > 0 ? askSandboxParts('require', others, ctx) : undefined,
  ]);
  const problems = names.flatMap((name): readonly Problem[] =>
    name === 'k6' ? (k6 ? partProblems(name, k6, K6_ADVICE) : []) : (sandbox?.problems[name] ?? []),
  );
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
  return { ...(k6?.hit ? { k6: k6.hit.tool } : {}), ...sandbox?.tools };
}

async function reports(
  verb: 'inspect' | 'fix',
  names: readonly PartName[],
  ctx: ToolContext,
): Promise<PartReport[]> {
  const others = sandboxPartsOf(names);
  const asked = [
    names.includes('k6') ? k6Report(verb, ctx) : undefined,
    others.length > 0 ? askSandboxParts(verb, others, ctx) : undefined,
  ] as const;
  // Every part ends, successfully or not, before the first error is thrown: no build may continue unseen.
  await Promise.allSettled(asked);
  const [k6, sandbox] = [await asked[0], await asked[1]];
  return names.flatMap(
    (name) => (name === 'k6' ? k6 : sandbox?.find((report) => report.name === name)) ?? [],
  );
}

async function k6Report(verb: 'inspect' | 'fix', ctx: ToolContext): Promise<PartReport> {
  const outcome = await (verb === 'fix'
    ? getPart(ctx, 'k6', localK6(ctx), fetchedK6(ctx))
    : walk(localK6(ctx)));
  return partReport('k6', outcome, K6_ADVICE, verb);
}

const sandboxPartsOf = (names: readonly PartName[]): readonly SandboxPart[] =>
  names.filter((name) => name !== 'k6');
