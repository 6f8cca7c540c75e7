/** docs/files.md: its tables come from the schemas. After a change of a schema: npx vitest run -u <this file>. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { schemaText } from '../../../src/run/files/schemas.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { fieldTable } from './field-table.ts';

const INTRO = `# The fields of campaigns and targets

The tables come from the schemas in \`src/config\`; \`gauntlet schema campaign\` and \`gauntlet schema target\` print them for editors. A file
whose first line names its schema (\`# yaml-language-server: $schema=...\`) is completed and checked while it is written. The parameters
of faults have [pages of their own](faults/README.md).
`;

it('docs/files.md shows every field that the schemas have', async () => {
  const tables = (['campaign', 'target'] as const).map(
    (kind) => `## A ${kind}\n\n${fieldTable(JSON.parse(schemaText(kind)))}\n`,
  );
  await expect([INTRO, ...tables].join('\n')).toMatchFileSnapshot(join(projectRoot, 'docs', 'files.md'));
});
