/** `gauntlet doctor`: which parts are present, their origin, and what to type for the missing ones. */

import type { PartName } from '../../core/tools.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { faultSupportText, partsText } from '../../report/doctor-text.ts';
import type { TargetReport } from '../../run/check-target.ts';
import { libraryWarning } from '../../run/init/library.ts';
import { fixParts, inspectParts, PART_NAMES } from '../../system/toolchain/parts.ts';
import { type CliContext, cliContext } from '../terminal/context.ts';

export interface DoctorOptions {
  readonly fix?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly target?: string;
}

export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const cli = cliContext();
  const tools = { places: cli.places, env: cli.env, progress: cli.note };
  const target = options.target === undefined ? undefined : await reportOf(options.target, cli);
  const names = await partNames(options.target);
  const reports = await (options.fix === true ? fixParts : inspectParts)(names, tools);
  const missing = reports.filter((report) => report.found === null);
  const library = libraryWarning(process.cwd());
  if (options.json === true)
    cli.json({ parts: reports, ...(target && { target }), ...(library !== null && { library }) });
  else {
    if (options.quiet !== true || missing.length > 0) cli.out(partsText(reports));
    if (target) cli.out(sayTarget(target));
    if (library !== null) cli.out(`WARN  ${library}`);
  }
  const isWhole = missing.length === 0 && target?.checks.some((check) => !check.ok) !== true;
  return isWhole ? 0 : ERROR_EXIT.unavailable;
}

/** Those of the target, otherwise those of the system that comes with Gauntlet. */
async function partNames(target: string | undefined): Promise<readonly PartName[]> {
  if (target === undefined) return PART_NAMES;
  const [{ namedTarget }, { partsForTarget }] = await Promise.all([
    import('../../run/open/names.ts'),
    import('../../run/open/target-parts.ts'),
  ]);
  return partsForTarget(namedTarget(target));
}

/** Loaded only with --target: it brings every fault and probe. */
async function reportOf(
  target: string,
  { places, env }: Pick<CliContext, 'places' | 'env'>,
): Promise<TargetReport> {
  const { checkTarget } = await import('../../run/check-target.ts');
  return await checkTarget(target, places, env);
}

/** Whether a fault works there does not affect the exit code: many targets are meant to support only some. */
function sayTarget({ target, checks, faults }: TargetReport): string {
  const word = ({ ok, warns }: TargetReport['checks'][number]): string =>
    ok ? (warns === true ? 'WARN' : 'ok  ') : 'FAIL';
  const lines = checks.map((check) => `${word(check)}  ${check.subject}: ${check.detail}`);
  return [...lines, ...(faults === null ? [] : [faultSupportText(target, faults)])].join('\n');
}
