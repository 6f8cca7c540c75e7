/** How the requests of a foreign script are grouped to steps. */
import { textWord } from './word.ts';

export const stepWord = textWord({
  description: 'group, name, or the key of a tag of its requests',
  examples: ['group', 'name', 'tag:page'],
  expected: 'group, name or tag:<key>, such as tag:page',
  pattern: /^(group|name|tag:[A-Za-z_][\w.-]*)$/,
});
