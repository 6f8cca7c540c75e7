/** `gauntlet doctor`: which parts are there, where from, and what to type for those that are not. */
import { ERROR_EXIT } from '../../core/verdict.ts';
import { fixParts, inspectParts, PART_NAMES, renderParts } from '../../toolchain/parts.ts';
import { cliContext } from '../context.ts';

export interface DoctorOptions {
  readonly fix?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly target?: string;
}

export async function doctorCommand(options: DoctorOptions): Promise<number> {
  const cli = cliContext();
  const tools = { places: cli.places, env: cli.env, progress: cli.note };
  const reports = await (options.fix === true ? fixParts : inspectParts)(PART_NAMES, tools);
  const missing = reports.filter((report) => report.found === null);
  if (options.json === true) cli.out(JSON.stringify({ parts: reports }, null, 2));
  else if (options.quiet !== true || missing.length > 0) cli.out(renderParts(reports));
  if (options.target !== undefined) {
    const { checkTarget } = await import('../../run/check-target.ts');
    const checks = await checkTarget(options.target, cli.places);
    for (const check of checks) cli.out(`${check.ok ? 'ok  ' : 'FAIL'}  ${check.subject}: ${check.detail}`);
    if (checks.some((check) => !check.ok)) return ERROR_EXIT.unavailable;
  }
  return missing.length === 0 ? 0 : ERROR_EXIT.unavailable;
}
