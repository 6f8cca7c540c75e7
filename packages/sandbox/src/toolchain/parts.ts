/** The external programs that a sandbox needs: reports on them, or their paths and what is missing. */
import type { PartReport, SandboxPart, Tools } from '../../../../src/core/tools.ts';
import type { Outcome, ToolContext } from '../../../../src/system/toolchain/part.ts';
import { type Advice, partProblems, partReport } from '../../../../src/system/toolchain/part-report.ts';
import type { RequiredParts } from '../../../../src/system/toolchain/sandbox-parts.ts';
import { getParts, lookAtParts, type Survey } from './survey.ts';

const ADVICE: Readonly<Record<SandboxPart, Advice>> = {
  redis: {
    needed: 'Redis 7 or newer',
    byHand: 'apt-get install redis-server, or set GAUNTLET_REDIS_SERVER to a redis-server binary',
  },
  postgres: {
    needed: 'PostgreSQL 14 or newer',
    byHand: 'apt-get install postgresql, or set GAUNTLET_POSTGRES to the folder of postgres and initdb',
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

/**
 * @param verb `inspect` fetches nothing; `fix` fetches missing parts, in parallel where they are independent.
 * @throws GauntletError `unavailable` when the cache cannot be written.
 */
export async function reportParts(
  verb: 'inspect' | 'fix',
  names: readonly SandboxPart[],
  ctx: ToolContext,
): Promise<readonly PartReport[]> {
  const survey = await (verb === 'fix' ? getParts : lookAtParts)(names, ctx);
  return names.map((name) => partReport(name, outcomeOf(survey, name), ADVICE[name], verb));
}

/** Never fetches. */
export async function findTools(names: readonly SandboxPart[], ctx: ToolContext): Promise<RequiredParts> {
  const survey = await lookAtParts(names, ctx);
  const problems = names.map((name) => [name, partProblems(name, outcomeOf(survey, name), ADVICE[name])]);
  const { redis, java, kafka, postgres } = survey;
  const tools: Pick<Tools, SandboxPart> = {
    ...(redis?.hit ? { redis: redis.hit.tool } : {}),
    ...(postgres?.hit ? { postgres: postgres.hit.tool } : {}),
    ...(java?.hit ? { java: java.hit.tool.path } : {}),
    ...(kafka?.hit ? { kafka: kafka.hit.tool } : {}),
  };
  return { tools, problems: Object.fromEntries(problems) };
}

const outcomeOf = (survey: Survey, name: SandboxPart): Outcome<unknown> =>
  survey[name] ?? { hit: null, tried: [], wrong: null };
