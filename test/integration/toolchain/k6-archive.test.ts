/** Real curl and tar against a server on loopback that speaks as a release page does. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checksumOf, k6Archive } from '../../../src/system/toolchain/k6-archive.ts';
import { type Machine, machine } from './fixtures.ts';

const NAME = `k6-v2.2.0-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function archiveOf(own: Machine): Buffer {
  own.program(`${own.folder}/release/${NAME}/k6`, 'echo k6 v2.2.0');
  execFileSync('tar', ['-czf', join(own.folder, 'a.tgz'), '-C', join(own.folder, 'release'), NAME]);
  return readFileSync(join(own.folder, 'a.tgz'));
}

/** Serves files by name under any folder, with ranges, and records what was asked for. */
async function releases(files: Readonly<Record<string, Buffer>>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? '').split('/').at(-1) ?? '';
    const { range } = request.headers;
    asked.push(range === undefined ? name : `${name} ${range}`);
    const bytes = files[name];
    if (bytes === undefined) return void response.writeHead(404).end();
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
    if (from > 0)
      response.writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    response.end(bytes.subarray(from));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const realPath = (own: Machine) => ({ ...own.ctx, env: { PATH: '/usr/bin:/bin', HOME: own.folder } });

describe('k6 from a release archive', () => {
  it('unpacks what the published checksum vouches for', async () => {
    const own = machine();
    const archive = archiveOf(own);
    const sums = Buffer.from(`${sha256(archive)}  ${NAME}.tar.gz\n`);
    const site = await releases({ [`${NAME}.tar.gz`]: archive, 'k6-v2.2.0-checksums.txt': sums });
    const folder = join(own.cache, 'k6-2.2.0');
    expect(await k6Archive(realPath(own), '2.2.0', folder, site.url)).toEqual({ ok: true });
    expect(execFileSync(join(folder, 'k6'), { encoding: 'utf8' })).toBe('k6 v2.2.0\n');
    expect(existsSync(join(own.cache, 'downloads', `${NAME}.tar.gz`))).toBe(false);
  });

  it('asks only for the rest of what an earlier try left', async () => {
    const own = machine();
    const archive = archiveOf(own);
    const sums = Buffer.from(`${sha256(archive)}  ${NAME}.tar.gz\n`);
    const site = await releases({ [`${NAME}.tar.gz`]: archive, 'k6-v2.2.0-checksums.txt': sums });
    mkdirSync(join(own.cache, 'downloads'), { recursive: true });
    writeFileSync(join(own.cache, 'downloads', `${NAME}.tar.gz.part`), archive.subarray(0, 50));
    expect(await k6Archive(realPath(own), '2.2.0', join(own.cache, 'k6'), site.url)).toEqual({ ok: true });
    expect(site.asked).toEqual(['k6-v2.2.0-checksums.txt', `${NAME}.tar.gz bytes=50-`]);
  });

  it('refuses an archive whose checksum is another, and keeps nothing of it', async () => {
    const own = machine();
    const archive = archiveOf(own);
    const wanted = '0'.repeat(64);
    const sums = Buffer.from(`${wanted}  ${NAME}.tar.gz\n`);
    const site = await releases({ [`${NAME}.tar.gz`]: archive, 'k6-v2.2.0-checksums.txt': sums });
    const folder = join(own.cache, 'k6-2.2.0');
    expect(await k6Archive(realPath(own), '2.2.0', folder, site.url)).toEqual({
      ok: false,
      why: `${NAME}.tar.gz has sha256 ${sha256(archive)}, expected ${wanted}`,
    });
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(own.cache, 'downloads', `${NAME}.tar.gz`))).toBe(false);
  });

  it('fails at once with the address when the page cannot be reached or has no such file', async () => {
    const own = machine();
    const site = await releases({});
    const url = `${site.url}/v2.2.0/k6-v2.2.0-checksums.txt`;
    expect(await k6Archive(realPath(own), '2.2.0', own.cache, site.url)).toEqual({
      ok: false,
      why: `${url}: curl failed (exit code 22): curl: (22) The requested URL returned error: 404`,
    });
    const refused = await k6Archive(realPath(own), '2.2.0', own.cache, 'http://127.0.0.1:1');
    expect(refused).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1.*exit code 7/),
    });
  });

  it('says so when there is no curl, or no checksum for this machine', async () => {
    const own = machine();
    expect(await k6Archive(own.ctx, '2.2.0', own.cache, 'http://127.0.0.1:1')).toEqual({
      ok: false,
      why: 'no curl on PATH',
    });
    const site = await releases({
      'k6-v2.2.0-checksums.txt': Buffer.from('abc  k6-v2.2.0-windows-amd64.zip\n'),
    });
    expect(await k6Archive(realPath(own), '2.2.0', own.cache, site.url)).toEqual({
      ok: false,
      why: `the published checksums do not name ${NAME}.tar.gz`,
    });
  });

  it('reads checksums in both forms of sha256sum, and never one of a longer name', () => {
    expect(checksumOf('aa  x.tar.gz\nbb *y.tar.gz\n', 'y.tar.gz')).toBe('bb');
    expect(checksumOf('aa  x.tar.gz.sbom\n', 'x.tar.gz')).toBeUndefined();
  });
});
