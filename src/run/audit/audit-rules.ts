/** The rules of a target's audit, complete: the list of sources is a file beside that of the system. */
import type { TargetFile } from '../../config/read-target.ts';
import type { AuditRules, AuditSources } from '../../core/audit.ts';
import { didYouMean } from '../../core/did-you-mean.ts';
import { GauntletError, messageOf, type Problem, show } from '../../core/errors.ts';
import type { SystemAudit } from '../../core/system.ts';
import { readText } from '../../system/read-text.ts';

/** @param where of what needs an audit. @throws usage with every reason why there is none. */
export function auditRulesOf(target: TargetFile, where: Pick<Problem, 'place'> = {}): AuditRules {
  const { name, platform, system } = target;
  const problems: Problem[] = [];
  if (platform !== 'kubernetes')
    problems.push({
      ...{ subject: 'audit', expected: 'a target on Kubernetes', got: `${name}, which is ${platform}` },
      ...where,
    });
  if (system.audit === null)
    problems.push({
      subject: 'audit',
      expected: `a block \`audit:\` in the file of system ${system.name}`,
      got: 'none',
      next: 'It says what a namespace must not show: gauntlet schema system.',
      ...where,
    });
  if (problems.length > 0 || system.audit === null) throw new GauntletError('usage', problems);
  return { ...system.audit.rules, sources: sourcesOf(system.audit.sources) };
}

const LIST = 'a file with the name of one source a line';

function sourcesOf(sources: SystemAudit['sources']): AuditSources | null {
  if (sources === null) return null;
  const { list, listAt: place, alias } = sources;
  const refuse = (got: string): never => {
    throw new GauntletError('usage', [{ subject: 'audit.sources.list', expected: LIST, got, place }]);
  };
  let text = '';
  try {
    text = readText(list);
  } catch (error) {
    refuse(messageOf(error));
  }
  const names = namesIn(text);
  if (names.length === 0) refuse('no name');
  const lost = alias.filter(({ source }) => !names.includes(source));
  if (lost.length > 0)
    throw new GauntletError(
      'usage',
      lost.map(({ source, at }) => unlisted(source, at, names)),
    );
  return { names, alias: Object.fromEntries(alias.map(({ workload, source }) => [workload, source])) };
}

const unlisted = (source: string, place: Problem['place'], names: readonly string[]): Problem => ({
  subject: 'audit.sources.alias',
  expected: 'a name of the list of sources',
  got: show(source),
  ...didYouMean(source, names),
  ...(place && { place }),
});

/** Blank lines and `# comments` are no names. */
const namesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
