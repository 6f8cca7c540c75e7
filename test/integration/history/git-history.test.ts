/** A history on a branch, with real repositories. */

import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aNight } from '../../unit/run/history/a-night.ts';
import { anotherMachine, git, newFolder, newHub, open } from './rig.ts';

const WHERE = 'git:nights';
const day = (number: number) =>
  aNight({ startedAt: `2026-11-${String(number).padStart(2, '0')}T02:00:00.000Z` });
const script = (path: string, text: string): void => {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
};

/** Every file of a clone, with its content. */
const snapshot = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, 'latin1')]),
  );

describe('a history on a branch', () => {
  it('is refused where there is none, made with --bootstrap, and read on another machine', async () => {
    const hub = newHub();
    await expect(open(WHERE, hub)).rejects.toThrow(
      `history git:nights: expected a history in branch nights of origin (${hub.remote}), got no such branch. Correct the path; to begin a new history there, give --bootstrap once.`,
    );
    const history = await open(WHERE, hub, { bootstrap: true });
    expect(history.add(day(1))).toBe('added');
    expect(history.nights()).toEqual([day(1)]);
    await history.publish();
    const other = await open(WHERE, anotherMachine(hub));
    expect(other.nights()).toEqual([day(1)]);
    expect(other.add(day(1))).toBe('already-there');
    other.pin({
      ...{ campaign: 'nightly', environment: 'staging-3f1c', night: day(1).id, by: null, reason: null },
      at: '2026-11-28T03:00:00.000Z',
    });
    await other.publish();
    const again = await open(WHERE, hub);
    expect(again.pinned({ campaign: 'nightly', environment: 'staging-3f1c' })).toBe(day(1).id);
    expect(git(hub.remote, 'merge-base', '--all', 'nights', 'nights').trim()).toMatch(/^[0-9a-f]{40}$/);
    expect(git(hub.remote, 'rev-list', '--max-parents=0', 'nights', 'HEAD').trim().split('\n')).toHaveLength(
      2,
    );
  });

  it('touches nothing in the clone: no file, ref, index or stash changes, and no hook runs', async () => {
    const hub = newHub();
    const trap = join(hub.cwd, '.git', 'hooks');
    for (const hook of [
      'pre-push',
      'pre-commit',
      'post-commit',
      'commit-msg',
      'reference-transaction',
      'post-index-change',
    ])
      script(join(trap, hook), `touch ${join(hub.state, '..', 'ran')}; exit 1`);
    git(hub.cwd, 'config', 'core.hooksPath', trap);
    writeFileSync(join(hub.cwd, 'work.txt'), 'not committed');
    // Hooks that are there for every repository of the user.
    const everywhere = newFolder();
    script(join(everywhere, 'pre-push'), `touch ${join(hub.state, '..', 'ran')}; exit 1`);
    writeFileSync(join(everywhere, 'config'), `[core]\n\thooksPath = ${everywhere}\n`);
    const before = snapshot(hub.cwd);
    const env = { ...process.env, GIT_CONFIG_GLOBAL: join(everywhere, 'config') };
    const history = await open(WHERE, hub, { bootstrap: true, env });
    history.add(day(1));
    await history.publish();
    expect(snapshot(hub.cwd)).toEqual(before);
    expect(existsSync(join(hub.state, '..', 'ran'))).toBe(false);
  });

  it('is that of the working directory, also where a hook of another repository starts it', async () => {
    const [hub, other] = [newHub(), newHub()];
    git(other.cwd, 'remote', 'set-url', 'origin', other.remote);
    const before = snapshot(other.cwd);
    const inside = join(other.cwd, '.git');
    const env = {
      ...{ ...process.env, GIT_DIR: inside, GIT_WORK_TREE: other.cwd, GIT_INDEX_FILE: join(inside, 'index') },
      GIT_OBJECT_DIRECTORY: join(inside, 'objects'),
    };
    const history = await open(WHERE, hub, { bootstrap: true, env });
    history.add(day(1));
    await history.publish();
    expect(snapshot(other.cwd)).toEqual(before);
    expect(git(hub.remote, 'ls-tree', '-r', '--name-only', 'nights')).toContain(day(1).id);
  });

  it('keeps what cannot be pushed, says where, and pushes it the next time', async () => {
    const hub = newHub();
    const history = await open(WHERE, hub, { bootstrap: true });
    script(join(hub.remote, 'hooks', 'pre-receive'), 'echo "nights is protected"; exit 1');
    history.add(day(1));
    const error = await history.publish().catch((thrown: unknown) => thrown as Error & { kind: string });
    expect(error).toMatchObject({ kind: 'unavailable' });
    expect(String(error?.message)).toMatch(
      new RegExp(
        `^history git:nights: expected to push 1 record to branch nights of origin \\(${hub.remote}\\), got .*nights is protected.*\\. Nothing is lost: the next command that adds to this history pushes it from ${hub.state}/histories/[0-9a-f]{24}/waiting\\.$`,
      ),
    );
    const said: string[] = [];
    const later = await open(WHERE, hub, { progress: (text) => said.push(text) });
    expect(said).toEqual(['history: 1 of its files wait to be pushed']);
    expect(later.nights()).toEqual([day(1)]);
    rmSync(join(hub.remote, 'hooks', 'pre-receive'));
    await later.publish();
    expect((await open(WHERE, anotherMachine(hub))).nights()).toEqual([day(1)]);
  }, 60_000);

  it('is not opened when the remote does not answer: an old copy is no history', async () => {
    const hub = newHub();
    await open(WHERE, hub, { bootstrap: true });
    renameSync(hub.remote, `${hub.remote}.away`);
    await expect(open(WHERE, hub)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(
        `history: expected an answer of branch nights of origin (${hub.remote}), got fatal:`,
      ),
    });
  });

  it('does not begin on a branch that has other files, whatever is asked', async () => {
    const hub = newHub();
    writeFileSync(join(hub.cwd, 'code.ts'), '');
    git(hub.cwd, 'add', '.');
    git(hub.cwd, 'commit', '--quiet', '-m', 'code');
    git(hub.cwd, 'push', '--quiet', 'origin', 'HEAD:code');
    for (const bootstrap of [true, false])
      await expect(open('git:code', hub, { bootstrap })).rejects.toThrow(
        `history git:code: expected a history in branch code of origin (${hub.remote}), got a branch with other files. Give a branch of its own.`,
      );
  });

  it('names a record that was altered on the branch, and leaves what somebody removed there removed', async () => {
    const hub = newHub();
    const history = await open(WHERE, hub, { bootstrap: true });
    for (const number of [1, 2]) history.add(day(number));
    await history.publish();
    const other = anotherMachine(hub);
    git(other.cwd, 'switch', '--quiet', 'nights');
    const [first, second] = [1, 2].map((number) =>
      join(other.cwd, 'nightly/staging-3f1c/2026/11', `${day(number).id}.json`),
    );
    rmSync(first ?? '');
    git(other.cwd, 'commit', '--quiet', '-am', 'remove');
    git(other.cwd, 'push', '--quiet');
    expect((await open(WHERE, hub)).nights()).toEqual([day(2)]);
    writeFileSync(second ?? '', readFileSync(second ?? '', 'utf8').replace('"seed": 7', '"seed": 9'));
    git(other.cwd, 'commit', '--quiet', '-am', 'alter');
    git(other.cwd, 'push', '--quiet');
    expect((await open(WHERE, hub)).problems()).toHaveLength(1);
  });

  it('is a local branch where the repository has no remote, and says so', async () => {
    const hub = newHub();
    git(hub.cwd, 'remote', 'remove', 'origin');
    const said: string[] = [];
    const history = await open(WHERE, hub, { bootstrap: true, progress: (text) => said.push(text) });
    history.add(day(1));
    await history.publish();
    expect(said).toEqual([
      'history: this repository has no remote, so it is kept in its own branch nights',
      'history: made a new one in branch nights of this repository',
    ]);
    expect(git(hub.cwd, 'ls-tree', '-r', '--name-only', 'nights')).toContain(day(1).id);
    expect(git(hub.cwd, 'status', '--short')).toBe('');
  });

  it.each([
    ['git:', 'expected git:BRANCH or git:BRANCH@REMOTE, a name that git takes, got "".'],
    ['git:a..b', 'a name that git takes, got "a..b".'],
    ['git:--upload-pack=x', 'a name that git takes, got "--upload-pack=x".'],
    ['git:nights@orign', 'expected a remote, one of origin, got orign. Did you mean origin?'],
    ['s3://bucket/h', 'expected a folder, or git:BRANCH, got a URL. Mount it, and give the folder.'],
  ])('%s is refused', async (where, words) => {
    await expect(open(where, newHub(), { bootstrap: true })).rejects.toThrow(words);
  });

  it('needs a repository', async () => {
    const place = { cwd: newFolder(), state: newFolder() };
    await expect(open(WHERE, place)).rejects.toThrow(
      'expected a git repository in the working directory, whose remote has the branch, got fatal: not a git repository',
    );
  });

  it('uses the credentials of the clone, and shows none of them', async () => {
    const hub = newHub();
    const asked: (string | undefined)[] = [];
    const server = createServer((request, answer) => {
      asked.push(request.headers['x-token']?.toString());
      answer.writeHead(403).end('no');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://bot:s3cret-of-the-url@127.0.0.1:${port}/r.git`;
    git(hub.cwd, 'remote', 'set-url', 'origin', url);
    git(hub.cwd, 'config', `http.http://127.0.0.1:${port}/.extraheader`, 'X-Token: abcdefgh12345678');
    const error = await open(WHERE, hub).catch((thrown: unknown) => String(thrown));
    server.close();
    expect(asked[0]).toBe('abcdefgh12345678');
    expect(error).toContain(`expected an answer of branch nights of origin (http://127.0.0.1:${port}/r.git)`);
    expect(error).not.toMatch(/s3cret|abcdefgh/);
    const kept = Object.values(snapshot(hub.state)).join('');
    expect(kept).not.toMatch(/s3cret|abcdefgh/);
  });
});
