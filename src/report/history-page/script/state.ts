/** What a reader chose, kept in the address behind `#`: the link shows another reader the same. */
export const STATE = `
  // night and pair are places in the nights of the chosen history.
  const state = { key: null, last: 'all', night: null, pair: [], isAll: false, isOpen: false };

  function hashOf() {
    const data = loaded.get(state.key);
    const parts = new URLSearchParams();
    parts.set('history', state.key);
    if (state.last !== 'all') parts.set('last', state.last);
    if (data !== undefined) {
      if (state.night !== null) parts.set('night', data.nights[state.night].id);
      state.pair.forEach((at, index) => parts.set(index === 0 ? 'a' : 'b', data.nights[at].id));
    }
    if (state.isAll) parts.set('nights', 'all');
    if (state.isOpen) parts.set('series', 'all');
    return '#' + parts.toString();
  }

  let pending = 0;
  // Later, because browsers refuse an address that changes with each key of a held arrow.
  function keepAddress() {
    clearTimeout(pending);
    pending = setTimeout(writeAddress, 200);
  }
  function writeAddress() {
    clearTimeout(pending);
    const hash = hashOf();
    if (location.hash !== hash) history.replaceState(null, '', hash);
  }

  // An address may be of an older page: what it names and we do not have is left out.
  function readAddress(keys) {
    const parts = new URLSearchParams(location.hash.slice(1));
    const key = parts.get('history');
    const isKnown = keys.includes(key);
    state.key = isKnown ? key : keys[0];
    state.last = ['30', '90'].includes(parts.get('last')) ? parts.get('last') : 'all';
    state.isAll = parts.get('nights') === 'all';
    state.isOpen = parts.get('series') === 'all';
    return { night: parts.get('night'), pair: [parts.get('a'), parts.get('b')] };
  }
  function placesOf(data, asked) {
    const place = (id) => {
      const at = id === null ? -1 : data.nights.findIndex((night) => night.id === id);
      return at < 0 ? null : at;
    };
    state.night = place(asked.night);
    state.pair = [...new Set(asked.pair.map(place).filter((at) => at !== null))];
  }
  // The first night shown, and the end.
  function rangeNow(data) {
    const count = data.nights.length;
    return [state.last === 'all' ? 0 : Math.max(0, count - Number(state.last)), count];
  }
`;
