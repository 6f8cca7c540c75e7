/** The numbers of a chart as a table, made when it is opened. */
export const NUMBERS = `
  function row(heading, cells) {
    const line = make('tr', {}, make('th', { scope: 'row' }, ...[].concat(heading)));
    for (const cell of cells) line.append(make('td', { class: cell.num ? 'num' : null }, ...[].concat(cell.of)));
    return line;
  }
  const num = (text) => ({ of: text, num: true });
  const cell = (text) => ({ of: text, num: false });

  function numbersTable(data, series) {
    const heads = make('tr', {});
    for (const [title, isNumber] of [['Night', false], ['Verdict', false], ['Value', true], ['95 % interval', true]])
      heads.append(make('th', { scope: 'col', class: isNumber ? 'num' : null }, title));
    const body = make('tbody', {});
    for (let at = data.nights.length - 1; at >= 0; at--) {
      const { time, status } = data.nights[at];
      const value = series.value[at];
      const isPlain = value !== null && !series.isCensored[at];
      body.append(row(time, [
        cell(status),
        num(isPlain ? words(series.kind, value) : nightValue(data, series, at)),
        num(isPlain ? interval(series.kind, series.low[at], series.high[at]) || NONE : NONE)
      ]));
    }
    const caption = 'Numbers of ' + series.id + ', newest night first';
    return make('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' },
      make('table', {}, make('caption', { class: 'unseen' }, caption), make('thead', {}, heads), body));
  }

  function numbersDetails(data, series) {
    const details = make('details', { class: 'numbers' },
      make('summary', {}, 'Numbers of ' + data.nights.length.toLocaleString('en-US') + (data.nights.length === 1 ? ' night' : ' nights')));
    details.addEventListener('toggle', () => {
      if (details.open && details.childElementCount === 1) details.append(numbersTable(data, series));
    });
    return details;
  }
`;
