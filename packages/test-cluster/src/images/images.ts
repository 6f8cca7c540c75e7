/**
 * The images of the system under test and of the link proxy for our own cluster: made from files of this
 * machine, without downloads. They are written at each start (about 2 s), because a kept image could be older
 * than the source of its services.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { GauntletError, type Problem } from '../../../../src/core/errors.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import { DEFAULT_PROXY_IMAGE } from '../../../../src/kube/links/proxy/proxy-job.ts';
import { projectRoot } from '../../../../src/system/project.ts';
import type { ToolContext } from '../../../../src/system/toolchain/part.ts';
import { requireParts } from '../../../../src/system/toolchain/parts.ts';
import { type ImageSpec, writeImage } from './docker-archive.ts';
import { fileEntry, folderEntries, librariesOf } from './image-files.ts';
import { packageFolders } from './node-packages.ts';

/** The name that src/kube/links/proxy uses when a target file names no other. */
export const PROXY_IMAGE = DEFAULT_PROXY_IMAGE;
export const SERVICES_IMAGE = 'localhost/gauntlet-services:1';
export const REDIS_IMAGE = 'localhost/gauntlet-redis:1';
export const KAFKA_IMAGE = 'localhost/gauntlet-kafka:1';

/**
 * The paths of the programs in their images. Kafka and its Java keep this machine's paths, because a
 * class-data archive is valid for those only.
 */
export const APP = '/app';
export const NODE = '/usr/bin/node';
export const REDIS_SERVER = '/usr/bin/redis-server';

/** The packages that the services import; their dependencies are found from package to package. */
const PACKAGES = ['@grpc/grpc-js', '@grpc/proto-loader', 'busboy', 'ioredis', 'kafkajs'];
const SHARED_CODE = ['src/core', 'src/system'];
/** Further source folders of the services. */
const SERVICES_CODE = ['src/protocols', 'systems/neural-hive-mind/stand-ins/src'];

/** The programs that go into the images. */
export interface PlatformTools {
  readonly redis: NonNullable<Tools['redis']>;
  readonly java: string;
  readonly kafka: NonNullable<Tools['kafka']>;
}

/** Never fetches. @throws unavailable that names every missing part and the command that gets it. */
export async function requirePlatformTools(ctx: ToolContext): Promise<PlatformTools> {
  const { redis, java, kafka } = await requireParts(['redis', 'java', 'kafka'], ctx);
  if (redis && java !== undefined && kafka) return { redis, java: realpathSync(java), kafka };
  const problem: Problem = { subject: 'tools', expected: 'all three or an error', got: 'neither' };
  throw new GauntletError('defect', [problem]);
}

/**
 * Writes one docker-archive per image into the folder: the proxy's, and with tools those of the system under
 * test.
 * @throws unavailable when a program or one of its libraries is missing.
 */
export async function writeImages(
  folder: string,
  tools: PlatformTools | null,
  ctx: ToolContext,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const proxy = nodeImage(
    { name: PROXY_IMAGE, code: ['packages/link-proxy/src'], packages: [], files: [] },
    ctx,
  );
  const images =
    tools === null
      ? { proxy }
      : { proxy, services: servicesImage(ctx), redis: redisImage(tools, ctx), kafka: kafkaImage(tools, ctx) };
  for (const [name, spec] of Object.entries(images)) writeImage(join(folder, `${name}.tar`), await spec);
}

const servicesImage = (ctx: ToolContext): Promise<ImageSpec> =>
  nodeImage(
    {
      name: SERVICES_IMAGE,
      code: SERVICES_CODE,
      packages: PACKAGES,
      files: folderEntries(
        join(projectRoot, 'systems/neural-hive-mind/proto'),
        join(APP, 'systems/neural-hive-mind/proto'),
      ),
    },
    ctx,
  );

interface NodePrograms {
  readonly name: string;
  /** Folders of compiled source, in addition to the shared ones. */
  readonly code: readonly string[];
  readonly packages: readonly string[];
  readonly files: ImageSpec['files'];
}

async function nodeImage(
  { name, code, packages, files }: NodePrograms,
  ctx: ToolContext,
): Promise<ImageSpec> {
  const node = realpathSync(process.execPath);
  const libraries = await librariesOf([node], ctx.env);
  const isCode = (path: string): boolean => !path.endsWith('.map');
  const below = (folder: string): string => join(APP, relative(projectRoot, folder));
  const folders = [...SHARED_CODE, ...code].map((one) => join(projectRoot, 'dist', one));
  return {
    name,
    env: libraryEnv(libraries.folders),
    files: [
      ...libraries.files,
      fileEntry(node, NODE),
      fileEntry(join(projectRoot, 'package.json'), join(APP, 'package.json')),
      ...files,
      ...folders.flatMap((one) => folderEntries(one, below(one), isCode)),
      // A nested node_modules is included with its own package if the list names that, and otherwise not.
      ...packageFolders(projectRoot, packages).flatMap((one) =>
        folderEntries(one, below(one), (path) => path !== 'node_modules' && isCode(path)),
      ),
    ],
  };
}

async function redisImage({ redis }: PlatformTools, ctx: ToolContext): Promise<ImageSpec> {
  const server = realpathSync(redis.server);
  const libraries = await librariesOf([server], ctx.env, redis.libraryPath);
  return {
    name: REDIS_IMAGE,
    env: libraryEnv(libraries.folders),
    files: [...libraries.files, fileEntry(server, REDIS_SERVER)],
  };
}

/** The parts of a JDK that a server needs: no compiler, no debugger, no graphics. */
const NOT_FOR_A_SERVER =
  /(^|\/)(ct\.sym|src\.zip|jfr|lib(awt|jawt|splash|font|javajpeg|lcms|mlib|jsound|atk|saproc|jdwp|dt_sock).*|classes_nocoops\.jsa)$/;

async function kafkaImage({ java, kafka }: PlatformTools, ctx: ToolContext): Promise<ImageSpec> {
  const home = dirname(dirname(java));
  const wanted = (path: string): boolean => !NOT_FOR_A_SERVER.test(path);
  const runtime = ['conf', 'lib'].flatMap((one) => folderEntries(join(home, one), join(home, one), wanted));
  const shared = runtime.map((one) => `/${one.path}`).filter((path) => path.endsWith('.so'));
  const libraries = await librariesOf([java, ...shared], ctx.env, `${home}/lib:${home}/lib/server`);
  return {
    name: KAFKA_IMAGE,
    // Without the runtime's own folders: with them in the path its launcher executes itself again.
    env: libraryEnv(libraries.folders.filter((one) => !one.startsWith(home))),
    files: [
      ...libraries.files,
      fileEntry(java),
      ...runtime,
      ...kafka.classPath.map((jar) => fileEntry(jar)),
      ...(kafka.archive === null ? [] : [fileEntry(kafka.archive)]),
    ],
  };
}

const libraryEnv = (folders: readonly string[]): readonly string[] => [
  'PATH=/usr/bin:/bin',
  `LD_LIBRARY_PATH=${folders.join(':')}`,
];
