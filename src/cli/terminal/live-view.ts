/** The output during a run: frames on a terminal, plain lines elsewhere, only notes with --json. */
import type { RunEvent } from '../../core/events.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import { renderLine, renderStatus } from '../../report/live/lines.ts';
import { applyEvent, applyFlows, initialLive, renderLive } from '../../report/live/live.ts';
import type { RunWatchers } from '../../run/story/request.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { CliContext } from './context.ts';

export interface LiveView extends RunWatchers {
  note(text: string): void;
  close(): void;
}

/** At most one status line per this interval, so that a log stays readable. */
const STATUS_MS = 5000;

export function openLiveView(cli: CliContext, quiet: boolean): LiveView {
  let live = initialLive();
  let screen: Screen | undefined;
  let lastStatus = monotonicClock.now() as number;
  const frames = cli.interactive && !quiet;
  const paint = (): void => {
    if (!screen) return;
    screen.paint(renderLive(live, { width: cli.width, height: process.stdout.rows || 40, color: cli.color }));
  };
  return {
    event(event: RunEvent) {
      live = applyEvent(live, event);
      if (frames && event.kind === 'run-started') screen = openScreen(process.stdout);
      if (screen) paint();
      else {
        const line = renderLine(event);
        if (line !== null) (quiet ? cli.note : cli.out)(line);
      }
    },
    flows(flows: readonly LiveFlow[]) {
      live = applyFlows(live, flows, monotonicClock.now());
      if (screen) paint();
      else if (monotonicClock.now() - lastStatus >= STATUS_MS) {
        lastStatus = monotonicClock.now();
        (quiet ? cli.note : cli.out)(renderStatus(live));
      }
    },
    note: (text) => (screen ? undefined : cli.note(text)),
    close() {
      screen?.close();
      screen = undefined;
    },
  };
}

/**
 * Paints frames over each other on a terminal; the cursor is hidden between frames and restored at the end.
 */
interface Screen {
  paint(frame: string): void;
  /** Leaves the last frame on the screen and shows the cursor again. */
  close(): void;
}

const ESC = '\u001b[';

function openScreen(out: NodeJS.WriteStream): Screen {
  let height = 0;
  out.write(`${ESC}?25l`);
  return {
    paint(frame) {
      const lines = frame.split('\n').slice(0, Math.max(1, (out.rows || 40) - 1));
      const up = height > 1 ? `${ESC}${height - 1}A` : '';
      out.write(`${up}\r${ESC}J${lines.join('\n')}`);
      height = lines.length;
    },
    close() {
      out.write(`\n${ESC}?25h`);
    },
  };
}
