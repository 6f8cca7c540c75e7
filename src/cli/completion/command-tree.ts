/** The commands, options and values of the program as plain data, for shell scripts. */
import type { Command } from 'commander';

export interface OptionNode {
  /** `--target`, and `-V` if it has a short form. */
  readonly flags: readonly string[];
  readonly description: string;
  /** The values that may follow it: undefined = it takes none; empty = any text or file. */
  readonly values: readonly string[] | undefined;
}

export interface CommandNode {
  /** `sandbox up`; empty for `gauntlet` itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionNode[];
  /** The possible values of its first argument, besides a file. */
  readonly values: readonly string[];
}

/** Names by the placeholder of an argument or option: `target` → the available targets. */
export type Values = Readonly<Record<string, readonly string[]>>;

/** `gauntlet` and every command below it. */
export function commandTree(program: Command, values: Values): readonly CommandNode[] {
  return visit(program, [], values);
}

function visit(command: Command, path: readonly string[], values: Values): readonly CommandNode[] {
  const [argument] = command.registeredArguments;
  const valuesOf = (name: string, choices: readonly string[] | undefined): readonly string[] =>
    choices ?? values[name] ?? [];
  const node: CommandNode = {
    path: path.join(' '),
    commands: command.commands.map((one) => ({ name: one.name(), summary: one.summary() })),
    options: [
      ...command.options.map((one) => ({
        flags: [one.long, one.short].filter((flag) => flag !== undefined && flag !== null),
        description: one.description,
        values: one.required || one.optional ? valuesOf(placeholderOf(one.flags), one.argChoices) : undefined,
      })),
      { flags: ['--help', '-h'], description: 'display help for command', values: undefined },
    ],
    values: argument === undefined ? [] : valuesOf(argument.name(), argument.argChoices),
  };
  return [node, ...command.commands.flatMap((one) => visit(one, [...path, one.name()], values))];
}

/** `--target <target>` → `target`. */
const placeholderOf = (flags: string): string => /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? '';
