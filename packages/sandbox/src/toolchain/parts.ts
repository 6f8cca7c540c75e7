/**
 * The outside programs that Gauntlet needs: looks at them, gets them, or demands them.
 * Promises that a part is only called found when its binary ran and said a version that fits, and that every way that did not
 * lead to it says why.
 */
import Table from 'cli-table3';
import { formatProblem, GauntletError, type Problem } from '../../../../src/core/errors.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import type { Outcome, PartName, PartReport, ToolContext } from './part.ts';
import { getParts, lookAtParts, type Survey } from './survey.ts';

/** What the functions here take and answer; the ways themselves share the same file. */
export type { FoundPart, PartName, PartReport, ToolContext } from './part.ts';

/** All of them, in the order in which they are shown. */
export const PART_NAMES: readonly PartName[] = ['k6', 'redis', 'java', 'kafka'];

interface Advice {
  readonly needed: string;
  /** What a user can do who does not want or cannot use `gauntlet doctor --fix`. */
  readonly byHand: string;
}

const ADVICE: Readonly<Record<PartName, Advice>> = {
  k6: {
    needed: 'k6 2.x',
    byHand: 'install k6 2.x (grafana.com/docs/k6) or Go, or set GAUNTLET_K6 to a k6 binary',
  },
  redis: {
    needed: 'Redis 7 or newer',
    byHand: 'apt-get install redis-server, or set GAUNTLET_REDIS_SERVER to a redis-server binary',
  },
  java: {
    needed: 'Java 17 or newer',
    byHand: 'apt-get install openjdk-17-jre-headless, or set GAUNTLET_JAVA to a java binary',
  },
  kafka: {
    needed: 'Kafka 4.3 with Java to prepare it',
    byHand: 'apt-get install maven and try again, or set GAUNTLET_KAFKA_LIBS to the libs folder of Kafka 4.3',
  },
};
const FIX_COMMAND = 'gauntlet doctor --fix';

/** Looks only: never fetches, never installs. In the order of the names asked for. */
export async function inspectParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return reportsOf(names, await lookAtParts(names, ctx), (advice) => `${FIX_COMMAND}; or ${advice.byHand}`);
}

/**
 * Fetches what is missing, in parallel where independent. A part that cannot be had is a report with reasons, not an error.
 * @throws GauntletError `unavailable` when the cache cannot be written: one error for all parts.
 */
export async function fixParts(names: readonly PartName[], ctx: ToolContext): Promise<PartReport[]> {
  return reportsOf(names, await getParts(names, ctx), (advice) => advice.byHand);
}

/**
 * The programs themselves, for who runs them. Never fetches.
 * @throws GauntletError `unavailable` that names every missing part with what to type.
 */
export async function requireParts(names: readonly PartName[], ctx: ToolContext): Promise<Tools> {
  const survey = await lookAtParts(names, ctx);
  const problems = names.flatMap((name) => problemOf(name, survey[name]));
  if (problems.length > 0) throw new GauntletError('unavailable', problems);
  const { k6, redis, java, kafka } = survey;
  return {
    ...(k6?.hit ? { k6: k6.hit.tool } : {}),
    ...(redis?.hit ? { redis: redis.hit.tool } : {}),
    ...(java?.hit ? { java: java.hit.tool.path } : {}),
    ...(kafka?.hit ? { kafka: kafka.hit.tool } : {}),
  };
}

function reportsOf(
  names: readonly PartName[],
  survey: Survey,
  fixFor: (advice: Advice) => string,
): PartReport[] {
  return names.map((name) => {
    const outcome: Outcome<unknown> = survey[name] ?? { hit: null, tried: [], wrong: null };
    const { hit, tried, wrong } = outcome;
    if (hit !== null) {
      const origin = hit.note === undefined ? hit.origin : `${hit.origin} (${hit.note})`;
      return { name, found: { name, version: hit.version, path: hit.path, origin }, tried, fix: '' };
    }
    return { name, found: null, tried, fix: wrong === null ? fixFor(ADVICE[name]) : formatProblem(wrong) };
  });
}

function problemOf(name: PartName, outcome: Outcome<unknown> | undefined): Problem[] {
  if (outcome === undefined || outcome.hit !== null) return [];
  if (outcome.wrong !== null) return [outcome.wrong];
  const { needed, byHand } = ADVICE[name];
  const got = `none (${outcome.tried.map(({ way, why }) => `${way}: ${why}`).join('; ')})`;
  return [{ subject: name, expected: needed, got, next: `Type: ${FIX_COMMAND}; or ${byHand}.` }];
}

/** A table for the terminal, without colours: part, version, where from or what to type; below it, why parts are missing. */
export function renderParts(reports: readonly PartReport[]): string {
  const table = new Table({
    head: ['part', 'version', 'where from, or what to type'],
    style: { head: [], border: [] },
    colWidths: [8, 12, 86],
    wordWrap: true,
    wrapOnWordBoundary: true,
  });
  for (const { name, found, fix } of reports) {
    table.push(found ? [name, found.version, `${found.origin}: ${found.path}`] : [name, 'missing', fix]);
  }
  const reasons = reports
    .filter((report) => report.found === null)
    .flatMap(({ name, tried }) => tried.map(({ way, why }) => `${name}: ${way}: ${why}`));
  return [table.toString(), ...reasons].join('\n');
}
