/**
 * Two nights side by side. One night against one night has no test: the ratio is shown with both intervals,
 * and not at all across segments.
 */
export const COMPARE = `
  // The segments that began between two nights; of times and shares those that part all series.
  function begunBetween(data, a, b, isOfRecovery) {
    return data.segments.filter((segment) => segment.at > a && segment.at <= b && (isOfRecovery || !segment.isOfRecovery));
  }

  // Why two nights cannot be compared; null when they can.
  function whyNot(data, a, b) {
    const begun = begunBetween(data, a, b, true);
    if (begun.length === 0) return null;
    const reasons = begun.map((segment) =>
      'S' + (data.segments.indexOf(segment) + 1) + ' from ' + data.nights[segment.at].time + (segment.because === null ? '' : ': ' + segment.because));
    const what = begun.every((segment) => segment.isOfRecovery) ? 'Recoveries are not comparable' : 'Not comparable';
    return what + ': other segment. Between these nights began ' + reasons.join('; ') + '.';
  }

  function compareNights(section, data, a, b) {
    const why = whyNot(data, a, b);
    section.querySelector('.lead').textContent = why === null
      ? 'Both nights are of one segment. One night against one night has no test: the answer above rests on all nights.'
      : why;
    section.querySelector('.differ tbody').replaceChildren(...differences(data, a, b));
    section.querySelector('.both tbody').replaceChildren(...data.series.map((series) => seriesRow(data, series, a, b)));
  }

  function differences(data, a, b) {
    const [one, two] = [data.nights[a], data.nights[b]];
    const night = ({ time, href, run }) => {
      const named = href === null ? time : make('a', { href }, time);
      return [named, make('small', {}, run)];
    };
    const rows = [
      row('Night', [cell(night(one)), cell(night(two))]),
      row('Verdict', [cell(statusBadge(one.status)), cell(statusBadge(two.status))]),
      same('Seed', String(one.seed), String(two.seed)),
      same('Campaign as planned', one.campaign, two.campaign),
      same('Target', one.target, two.target),
      same('Watch after a fault', span(one.watchMs), span(two.watchMs)),
      same('In quarantine', String(one.quarantine), String(two.quarantine))
    ];
    for (const [title, key] of [['Tested: ', 'subject'], ['Environment: ', 'environment'], ['Tool: ', 'versions']]) {
      const [from, to] = [data.maps[one[key]], data.maps[two[key]]];
      for (const name of [...new Set(Object.keys(from).concat(Object.keys(to)))].sort())
        rows.push(same(title + name, own(from, name), own(to, name)));
    }
    return rows;
  }
  const own = (map, name) => (Object.hasOwn(map, name) ? map[name] : 'not told');

  function same(title, from, to) {
    return row(title, [cell(from), cell(from === to ? to : [to + ' ', make('span', { class: 'badge warn' }, 'differs')])]);
  }

  const TONES = { PASS: 'good', FAIL: 'bad', INCONCLUSIVE: 'warn', 'NO-DATA': 'warn', INVALID: 'bad', RESIDUE: 'bad' };
  function statusBadge(status) {
    return make('span', { class: 'badge ' + (TONES[status] || 'soft') }, status);
  }

  function seriesRow(data, series, a, b) {
    const isApart = begunBetween(data, a, b, isRecovery(series.kind)).length > 0;
    const [from, to] = [series.value[a], series.value[b]];
    const open = series.isCensored[a] || series.isCensored[b];
    const ratio = isApart ? 'not comparable: other segment'
      : from === null || to === null ? 'no value in one of them'
      : open ? 'no ratio: not reached'
      : between(series.kind, from, to);
    return row(series.id, [num(nightValue(data, series, a)), num(nightValue(data, series, b)), num(ratio)]);
  }
`;
