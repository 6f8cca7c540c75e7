/**
 * The outside programs that Gauntlet needs: looks at them, gets them, or demands them. k6 is looked for here;
 * those of the sandbox are asked of the sandbox's own program, which alone knows how to get them. Promises
 * that a part is only called found when its binary ran and said a version that fits, and that every way that
 * did not lead to it says why.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import type { PartName, PartReport, SandboxPart, Tools } from '../../core/tools.ts';
import { getPart } from './get-part.ts';
import { fetchedK6, localK6 } from './k6.ts';
import { type ToolContext, walk } from './part.ts';
import { type Advice, partProblems, partReport } from './part-report.ts';
import { askSandboxParts } from './sandbox-parts.ts';

/** All of them, in the order in which they are shown. */
export const PART_NAMES: readonly PartName[] = ['k6', 'redis', 'java', 'kafka'];

const K6_ADVICE: Advice = {
  needed: 'k6 2.x',
  byHand: 'install k6 2.x (grafana.com/docs/k6) or Go, or set GAUNTLET_K6 to a k6 binary',
};

/** Looks only: never fetches, never installs. In the order of the names asked for. */
export async function inspectParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return await reports('inspect', names, ctx);
}

/**
 * Fetches what is missing, in parallel where independent. A part that cannot be had is a report with reasons,
 * not an error.
 * @throws GauntletError `unavailable` when the cache cannot be written: one error for all parts.
 */
export async function fixParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return await reports('fix', names, ctx);
}

/**
 * The programs themselves, for who runs them. Never fetches.
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
  // Every part ends, well or not, before the first error is told: nothing may go on building unseen.
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
