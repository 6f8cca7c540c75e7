/** Judges a run from its folder and writes all reports; each file appears complete or not at all. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { renderHtml } from '../../report/html/page.ts';
import type { ReportInput } from '../../report/input.ts';
import { renderJunit } from '../../report/junit.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { notWritable, RUN_FILES } from '../evidence/run-directory.ts';
import { type Assembled, assembleRun } from './assemble.ts';
import { gateFileOf } from './gate-file.ts';

/** @returns the input of the files, so that the folder is not read a second time. */
export function writeReports(runDir: string): ReportInput {
  const assembled = assembleRun(runDir);
  const input = reportInputOf(assembled);
  const files = [
    [RUN_FILES.result, `${JSON.stringify(input.result, null, 2)}\n`],
    [RUN_FILES.html, htmlOf(input)],
    [RUN_FILES.markdown, renderMarkdown(input)],
    [RUN_FILES.junit, renderJunit(input)],
    ...gateFile(assembled),
  ] as const;
  for (const [name, text] of files) write(join(runDir, name), text, runDir);
  return input;
}

function gateFile({ plan, result, blocks }: Assembled): readonly (readonly [string, string])[] {
  if (plan.gate === undefined || result.gate === undefined) return [];
  return [[RUN_FILES.gate, `${JSON.stringify(gateFileOf(plan, plan.gate, result.gate, blocks), null, 2)}\n`]];
}

function write(path: string, text: string, runDir: string): void {
  try {
    writeWhole(path, text);
  } catch (error) {
    throw notWritable(runDir, error);
  }
}

/** The chart library is embedded, so that the report needs no network. */
export function htmlOf(input: ReportInput): string {
  const paths = assetPaths();
  return renderHtml(input, {
    uplotJs: readFileSync(paths.uplotJs, 'utf8'),
    uplotCss: readFileSync(paths.uplotCss, 'utf8'),
  });
}

/** Converts a run's folder to the input of the renderers. */
export const readReportInput = (runDir: string): ReportInput => reportInputOf(assembleRun(runDir));

export function reportInputOf({ result, plan, events, stored }: Assembled): ReportInput {
  const flows = plan.load.flatMap((one) => one.flows.map((flow) => flow.flow));
  return {
    result,
    plan,
    series: Object.fromEntries(flows.map((flow) => [flow, stored.data.series(flow)])),
    events,
  };
}

export interface AssetPaths {
  readonly uplotJs: string;
  readonly uplotCss: string;
}

/**
 * Absolute paths of uPlot's script and style sheet. Throws Node's MODULE_NOT_FOUND when uPlot is not
 * installed.
 */
export function assetPaths(): AssetPaths {
  const { resolve } = createRequire(import.meta.url);
  return {
    uplotJs: resolve('uplot/dist/uPlot.iife.min.js'),
    uplotCss: resolve('uplot/dist/uPlot.min.css'),
  };
}
