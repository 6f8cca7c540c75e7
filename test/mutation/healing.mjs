/**
 * Removes one step of healing at a time: an undo, a renewal, a journal write. The simulation of
 * test/unit/chaos/simulation.test.ts must fail for each. `find` occurs exactly once in its file.
 */
export const HEALING_TESTS = ['chaos/simulation.test.ts'];

export const HEALING = [
  {
    file: 'src/chaos/faults/links/link-impairment.ts',
    find: 'for (const id of idsOf(record.data)) await linksOf(world).heal(id);',
    replace: '',
    change: 'no undo of an impairment',
  },
  {
    file: 'src/chaos/faults/redis/redis-setting.ts',
    find: 'await redis.setConfig({ identity, key, from: to, to: from });',
    replace: '',
    change: 'no undo of a setting',
  },
  {
    file: 'src/chaos/healing/renewal.ts',
    find: 'const isThere = await fault.renew(plan, world, ttl);',
    replace: 'const isThere = true;',
    change: 'no renewal of the platform’s deadline',
  },
  {
    file: 'src/chaos/healing/keeper.ts',
    find: 'if (line === RENEW) renewedAt = clock.now();',
    replace: '',
    change: 'no renewal of the lease',
  },
  {
    file: 'src/chaos/injector/injector.ts',
    find: 'request.journal.open(entry);',
    replace: '',
    change: 'no journal line before the act',
  },
  {
    file: 'src/chaos/injector/injector.ts',
    find: 'guarded(() => journal.close(',
    replace: 'guarded(() => (() => undefined)(',
    change: 'no journal line after the undo',
  },
  {
    file: 'src/chaos/healing/cluster-journal.ts',
    find: 'await platform.clusterJournal?.open(run, entry);',
    replace: '',
    change: 'no entry in the journal of the target before the act',
  },
  {
    file: 'src/chaos/healing/cluster-journal.ts',
    find: 'if (openEntries(journal.path).length === 0) await platform.clusterJournal?.finish(journal.run);',
    replace: '',
    change: 'the journal of a run that is over stays on its target',
  },
  {
    file: 'src/chaos/healing/replay.ts',
    find: `if (options.ownerIsDead === true)
        await platform.clusterJournal?.finish(header.run).catch(() => undefined);`,
    replace: '',
    change: 'the journal of a dead run stays there when its own machine has undone it',
  },
  {
    file: 'src/chaos/healing/recover-cluster-journal.ts',
    find: 'await undoEntry(entry, world, options);',
    replace: "{ gone: true, evidence: '' };",
    change: 'no undo from the journal of the target',
  },
  {
    file: 'src/chaos/healing/replay.ts',
    find: "append({ kind: 'closed', id: entry.id, outcome: 'undone', holder: options.holder, evidence, at });",
    replace: '',
    change: 'no journal line after a replay',
  },
];

/** @throws when a source has changed and the line is not found: a mutant without a change proves nothing. */
export function healingMutants(read) {
  return HEALING.map(({ file, find, replace, change }) => {
    const source = read(file);
    const at = source.indexOf(find);
    if (at < 0 || source.indexOf(find, at + 1) >= 0) throw new Error(`${file}: not exactly once: ${find}`);
    const before = source.slice(0, at).split('\n');
    return {
      ...{ file, change, lineText: find, tests: HEALING_TESTS },
      ...{ line: before.length, column: (before.at(-1) ?? '').length + 1 },
      mutated: source.slice(0, at) + replace + source.slice(at + find.length),
    };
  });
}
