import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandboxNames } from '../../../packages/sandbox/src/names.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { paperSandbox } from '../../../src/targets/sandbox/paper.ts';

describe('what is known of a sandbox before it is up', () => {
  it('is in names.json as the layout and the topics say it; `npx vitest run <this file> -u` writes it anew', async () => {
    const file = join(projectRoot, 'packages/sandbox/names.json');
    await expect(`${JSON.stringify(sandboxNames(), null, 2)}\n`).toMatchFileSnapshot(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(sandboxNames());
  });

  it('is a platform of names: every act reports that the sandbox is not running', async () => {
    const paper = paperSandbox('other');
    expect(paper.handle).toEqual({ platform: 'sandbox', identity: 'sandbox:other' });
    expect(paper.topology.identity).toBe('sandbox:other');
    expect((await paper.links?.list())?.map((one) => one.name)).toContain('gateway->redis');
    expect((await paper.instances?.list('gateway'))?.map((one) => one.instance)).toEqual([
      'gateway-1',
      'gateway-2',
    ]);
    expect(paper.kafka?.brokers()).toEqual([1, 2, 3]);
    await expect(paper.links?.heal('x')).rejects.toThrow('sandbox other is not up');
  });
});
