/**
 * A container image in the format that `docker save` writes and `ctr images import` reads: one layer, made
 * from a list of files, without a container engine. Dockerfiles with the same contents are in deploy/.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { arch } from 'node:process';
import { type TarEntry, TarWriter, tarSize } from './tar.ts';

export interface ImageSpec {
  /** Such as `localhost/gauntlet-redis:1`. */
  readonly name: string;
  readonly files: readonly TarEntry[];
  /** `NAME=value`. */
  readonly env: readonly string[];
}

/** Go's names of architectures. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

export function writeImage(path: string, { name, files, env }: ImageSpec): void {
  const file = openSync(path, 'w');
  try {
    const archive = new TarWriter(file);
    const add = (entry: string, content: Buffer): void =>
      archive.add({ path: entry, content, isExecutable: false });
    // Two programs that need one library give entries with the same path: the library is added once.
    const layer = [...new Map(files.map((one) => [one.path, one])).values()];
    const size = tarSize(layer);
    archive.header({ path: 'layer.tar', content: Buffer.alloc(0), isExecutable: false }, size);
    const digest = archive.digested(() => {
      for (const entry of layer) archive.add(entry);
      archive.end();
    });
    archive.pad(size);
    const config = json({
      architecture: ARCHITECTURES[arch] ?? arch,
      os: 'linux',
      config: { Env: env, WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    });
    const configFile = `${sha256(config)}.json`;
    add(configFile, config);
    add('manifest.json', json([{ Config: configFile, RepoTags: [name], Layers: ['layer.tar'] }]));
    archive.end();
  } finally {
    closeSync(file);
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
