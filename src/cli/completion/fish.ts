/**
 * Completion for fish: one line for each command, option and value, with the condition that its command is on
 * the command line.
 */
import type { CommandNode, OptionNode } from './command-tree.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

export function fishCompletion(tree: readonly CommandNode[]): string {
  const paths = tree.filter((node) => node.path !== '').map((node) => quoted(node.path));
  return `# Completion of gauntlet for fish. Type: gauntlet completion fish | source
function __gauntlet_path
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l deeper (string join ' ' $path $word)
    contains -- $deeper ${paths.join(' ')}; and set path $path $word
  end
  test (string join ' ' $path) = "$argv"
end
${tree.flatMap(linesOf).join('\n')}`;
}

function linesOf({ path, commands, options, values }: CommandNode): readonly string[] {
  const start = `complete -c gauntlet -n ${quoted(`__gauntlet_path ${path}`.trimEnd())}`;
  return [
    ...commands.map(({ name, summary }) => `${start} -f -a ${name} -d ${quoted(summary)}`),
    ...(values.length > 0 ? [`${start} -a ${quoted(values.join(' '))}`] : []),
    ...options.map((one) => `${start} ${optionWords(one)}`),
  ];
}

function optionWords({ flags, description, values }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const takes =
    values === undefined ? [] : ['-r', ...(values.length > 0 ? [`-a ${quoted(values.join(' '))}`] : [])];
  return [...names, ...takes, `-d ${quoted(description)}`].join(' ');
}
