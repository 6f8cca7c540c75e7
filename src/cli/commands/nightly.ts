/** `gauntlet nightly`: a run, then what its history says; the last line is the answer. */
import { messageOf, usageError } from '../../core/errors.ts';
import { ERROR_EXIT } from '../../core/verdict.ts';
import { nightlyText } from '../../report/nightly-text.ts';
import { renderSummary } from '../../report/text.ts';
import { shownPath } from '../../run/files/shown-path.ts';
import { type NightlyOutcome, nightlyStory } from '../../run/nightly-story.ts';
import { questionOf } from '../../run/open/consent.ts';
import { confirm } from '../terminal/confirm.ts';
import { cliContext } from '../terminal/context.ts';
import { openLiveView } from '../terminal/live-view.ts';
import { scaleOf, seedOf } from '../terminal/numbers.ts';
import { untilSignal } from '../terminal/signals.ts';
import { nightlyExit } from './nightly-exit.ts';

export interface NightlyOptions {
  readonly history: string;
  readonly bootstrap?: boolean;
  readonly target?: string;
  readonly subject?: readonly string[];
  readonly out?: string;
  readonly reportUrl?: string;
  readonly page?: string;
  readonly reference?: string;
  readonly seed?: string;
  readonly scale?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export async function nightlyCommand(campaign: string, options: NightlyOptions): Promise<number> {
  const cli = cliContext();
  const asked = {
    ...{ campaign, target: options.target, out: options.out, history: options.history },
    ...{
      seed: seedOf(options.seed),
      scale: scaleOf(options.scale),
      subject: subjectOf(options.subject ?? []),
    },
    ...{ bootstrap: options.bootstrap === true, report: options.reportUrl ?? null, page: options.page },
    reference: options.reference,
    ...{ places: cli.places, env: cli.env },
  };
  const view = openLiveView(cli, options.json === true);
  const interruption = untilSignal((text) => view.note(text));
  const { signal } = interruption;
  try {
    const outcome = await nightlyStory({
      ...asked,
      signal,
      watchers: view,
      progress: (text) => view.note(text),
      confirm: (plan, target) => confirm(cli, questionOf(plan, target), options.yes === true, signal),
    });
    view.close();
    const { input, ended, publications, night, runDir } = outcome;
    if (ended !== undefined) cli.note(messageOf(ended));
    if (options.json === true) cli.json(jsonOf(outcome));
    else {
      if (input !== null) {
        cli.frame(renderSummary(input, { width: cli.width, color: cli.color }));
        cli.out(`Report: ${shownPath(runDir)}/report.html`);
      }
      cli.out(nightlyText(outcome));
    }
    const wasInterrupted = interruption.caught() !== null;
    if (wasInterrupted && night.status !== 'RESIDUE' && options.json !== true)
      cli.out(
        `Interrupted, and everything was undone; the night is in the history: the exit code is ${ERROR_EXIT.interrupted}.`,
      );
    const isUnpublished = publications.some((one) => one.what === 'history' && one.status === 'failed');
    return nightlyExit({ status: outcome.status, ended, wasInterrupted, isUnpublished });
  } finally {
    view.close();
  }
}

/** The nights of the trend are named, not repeated. */
function jsonOf({ night, status, trend, publications, setAside, mayLeave, runDir }: NightlyOutcome): object {
  const { nights, ...rest } = trend;
  return {
    night,
    status,
    setAside,
    mayLeave,
    runDir,
    trend: { ...rest, nights: nights.map((one) => one.id) },
    publications,
  };
}

/** `web=sha256:12ab`; every mistake at once. */
function subjectOf(written: readonly string[]): Readonly<Record<string, string>> {
  const pairs = written.map((one) => /^([a-z0-9][a-z0-9-]*)=([\x21-\x7e]{1,200})$/.exec(one));
  const wrong = written.filter((_, at) => pairs[at] === null);
  const names = pairs.flatMap((one) => one?.[1] ?? []);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const expected = 'SERVICE=VERSION, such as web=sha256:12ab or web=1f3c9d0';
  const problems = [
    ...wrong.map((one) => ({ subject: '--subject', expected, got: JSON.stringify(one) })),
    ...twice.map((name) => ({ subject: '--subject', expected: 'each service once', got: `${name} twice` })),
  ];
  if (problems.length > 0) throw usageError(...problems);
  return Object.fromEntries(pairs.flatMap((one) => (one?.[1] && one[2] ? [[one[1], one[2]]] : [])));
}
