/**
 * Completion for bash and zsh. Both scripts identify the current command by its words, and offer the values
 * of that command or of the option before the cursor; where any text is allowed, they offer files.
 */
import type { CommandNode } from './command-tree.ts';

/** Only our own texts; a quote is escaped for the shell. */
const quoted = (words: readonly string[]): string => `'${words.join(' ').replaceAll("'", "'\\''")}'`;

/** Arms of `case "$at"` that descend one command. */
const steps = (tree: readonly CommandNode[]): readonly string[] =>
  tree.filter((node) => node.path !== '').map((node) => `'${node.path}'`);

function arms(tree: readonly CommandNode[]): readonly string[] {
  const ofOptions = tree.flatMap(({ path, options }) =>
    options
      .filter((one) => one.values !== undefined)
      .map((one) => {
        const patterns = one.flags.map((flag) => `'${path}:${flag}'`).join('|');
        return `    ${patterns}) offered=${quoted(one.values ?? [])} ;;`;
      }),
  );
  const ofCommands = tree.map(({ path, commands, options, values }) => {
    const flags = options.flatMap((one) => one.flags.filter((flag) => flag.startsWith('--')));
    return `    '${path}':*) offered=${quoted([...commands.map((one) => one.name), ...values, ...flags])} ;;`;
  });
  return [...ofOptions, ...ofCommands];
}

/** @param words the words before the cursor, as the shell expands them, without the first. */
const body = (
  tree: readonly CommandNode[],
  words: string,
): string => `  local at='' word previous='' offered=''
  for word in ${words}; do
    case "\${at:+$at }$word" in
      ${steps(tree).join('|')}) at="\${at:+$at }$word" ;;
    esac
    previous=$word
  done
  case "$at:$previous" in
${arms(tree).join('\n')}
  esac`;

const BASH_WORDS = `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`;
const ZSH_WORDS = `"\${(@)words[2,CURRENT-1]}"`;

export const bashCompletion = (
  tree: readonly CommandNode[],
): string => `# Completion of gauntlet for bash. Type: source <(gauntlet completion bash)
_gauntlet() {
${body(tree, BASH_WORDS)}
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _gauntlet gauntlet`;

export const zshCompletion = (tree: readonly CommandNode[]): string => `#compdef gauntlet
# Completion of gauntlet for zsh. Type: source <(gauntlet completion zsh)
_gauntlet() {
${body(tree, ZSH_WORDS)}
  compadd -- \${=offered} || _files
}
compdef _gauntlet gauntlet`;
