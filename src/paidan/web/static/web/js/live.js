// What changes elsewhere appears within 5 seconds, without a reload and without touching focus, scroll or selection.
//
// Every 3 seconds the page asks for the mark of its topics (304 while nothing changed). When it is another one, the page
// asks for itself as a fragment and compares: parts marked data-live are exchanged where they differ; rows of a list
// that are still there are brought up to date in place; rows that left stay, pale, and new ones wait behind a button.
// Islands listen for “paidan:changed” instead.
(() => {
  const EVERY_MS = 3000;
  const topics = (document.body.dataset.liveTopics || '').split(' ').filter(Boolean);
  let mark = null;
  let busy = false;

  const live = document.querySelector('.pd-live');
  const setLive = (on) => { if (live) live.classList.toggle('off', !on); };

  const ask = async () => {
    if (!topics.length || document.hidden || busy) return;
    busy = true;
    try {
      // The first time: did anything change between the making of the page and this question?
      const since = mark === null ? `&since=${document.body.dataset.liveSince || ''}` : '';
      const url = `${document.body.dataset.liveUrl}?${topics.map((topic) => `topic=${topic}`).join('&')}${since}`;
      const answer = await fetch(url, { headers: mark ? { 'If-None-Match': mark } : {}, cache: 'no-store', redirect: 'manual' });
      setLive(answer.ok || answer.status === 304);
      if (answer.ok) {
        const next = answer.headers.get('ETag');
        const changed = mark !== null || answer.headers.get('X-Paidan-Changed') === '1';
        mark = next;
        if (changed) await refresh();
      }
    } catch {
      setLive(false);
    } finally {
      busy = false;
    }
  };

  const refresh = async () => {
    document.dispatchEvent(new CustomEvent('paidan:changed'));
    if (!document.querySelector('[data-live], [data-list]')) return;
    const answer = await fetch(location.href, { headers: { 'HX-Request': 'true', 'X-Paidan-Live': '1' }, cache: 'no-store', redirect: 'manual' });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    document.querySelectorAll('[data-live]').forEach((part) => exchange(part, fresh));
    mergeRows(fresh);
    document.dispatchEvent(new CustomEvent('paidan:refreshed', { detail: fresh }));
  };

  const exchange = (part, fresh) => {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (!next || part.innerHTML === next.innerHTML || part.contains(document.activeElement)) return;
    part.innerHTML = next.innerHTML;
    if (window.htmx) window.htmx.process(part);
  };

  const mergeRows = (fresh) => {
    const list = document.querySelector('[data-list]');
    const next = fresh.querySelector('[data-list]');
    if (!list || !next) return;
    list.dataset.total = next.dataset.total;
    const found = new Map([...next.querySelectorAll('tbody tr[data-id]')].map((row) => [row.dataset.id, row]));
    const rows = [...list.querySelectorAll('tbody tr[data-id]')];
    rows.forEach((row) => {
      const other = found.get(row.dataset.id);
      found.delete(row.dataset.id);
      row.classList.toggle('gone', !other);
      if (other) update(row, other);
    });
    offer(found.size);
  };

  const update = (row, other) => {
    [...row.cells].forEach((cell, at) => {
      const next = other.cells[at];
      if (!next || cell.querySelector('input[name=id]') || cell.contains(document.activeElement)) return;
      if (cell.innerHTML !== next.innerHTML) cell.innerHTML = next.innerHTML;
      if (cell.title !== next.title) cell.title = next.title;
    });
  };

  const offer = (count) => {
    const place = document.querySelector('.pd-new');
    if (!place) return;
    const button = place.querySelector('button');
    place.hidden = count === 0;
    button.textContent = count === 1 ? button.dataset.one : button.dataset.many.replace('%(number)s', count.toLocaleString('en-US'));
  };

  const reload = () => {
    const main = document.getElementById('main');
    const scroll = main.querySelector('[data-list]')?.scrollTop;
    window.htmx.ajax('GET', location.href, { target: '#main', swap: 'innerHTML show:none' }).then(() => {
      const list = main.querySelector('[data-list]');
      if (list && scroll) list.scrollTop = scroll;
    });
  };
  document.addEventListener('click', (event) => { if (event.target.closest('[data-new]')) reload(); });
  document.addEventListener('paidan:refresh', () => (document.querySelector('[data-list]') ? reload() : refresh()));
  document.addEventListener('visibilitychange', ask);
  setInterval(ask, EVERY_MS);
  ask();
})();
