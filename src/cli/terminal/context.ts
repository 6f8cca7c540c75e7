/** The external dependencies of every command, in one place: folders, environment, the two output streams. */
import { printableJson, printableLines } from '../../core/plain.ts';
import { redact, redactAll } from '../../core/secrets.ts';
import { type Places, placesFrom } from '../../system/places.ts';
import { secretsFrom } from '../../system/secrets/secret-value.ts';

export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly places: Places;
  /** True when stdout is a terminal: live view and colours. */
  readonly interactive: boolean;
  readonly color: boolean;
  readonly width: number;
  /** Lines of text: control characters from peers are removed. */
  out(text: string): void;
  json(value: unknown): void;
  /**
   * Output that is already rendered for its destination (a summary with colours, a report), with foreign text
   * escaped there.
   */
  frame(text: string): void;
  /** Progress and problems: stderr, so that `--json` and pipes stay clean. */
  note(text: string): void;
}

export function cliContext(): CliContext {
  // A terminal of 0 columns has no known size (a pty of a program): no frames fit into it.
  const isTerminal = process.stdout.isTTY === true && process.stdout.columns > 0;
  const interactive = isTerminal && process.env['CI'] === undefined && process.env['TERM'] !== 'dumb';
  secretsFrom(process.env);
  return {
    env: process.env,
    places: placesFrom(process.env),
    interactive,
    color: interactive && process.env['NO_COLOR'] === undefined,
    width: process.stdout.columns || 120,
    out: (text) => void process.stdout.write(`${printableLines(redact(text))}\n`),
    json: (value) => void process.stdout.write(`${printableJson(redactAll(value))}\n`),
    frame: (text) => void process.stdout.write(`${redact(text)}\n`),
    note: (text) => void process.stderr.write(`${printableLines(redact(text))}\n`),
  };
}
