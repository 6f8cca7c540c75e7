/**
 * Paints frames over each other on a terminal; the cursor is hidden between frames and restored at the end.
 */
export interface Screen {
  paint(frame: string): void;
  /** Leaves the last frame on the screen and shows the cursor again. */
  close(): void;
}

const ESC = '\u001b[';

export function openScreen(out: NodeJS.WriteStream): Screen {
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
