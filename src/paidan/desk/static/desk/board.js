// The dispatch board's island: dragging and picking cards, what an open preview would change on the bars.
// Wherever cards are dropped, the dialog that previews the move comes from the server.
(() => {
  const board = document.getElementById('board');
  const bar = document.getElementById('picked');
  if (!board) return;
  const picked = new Set();
  const cards = () => [...board.querySelectorAll('article')];

  const show = () => {
    const here = new Set(cards().map((card) => card.dataset.id));
    picked.forEach((id) => { if (!here.has(id)) picked.delete(id); });
    cards().forEach((card) => {
      const on = picked.has(card.dataset.id);
      card.classList.toggle('pick', on);
      if (card.hasAttribute('aria-pressed')) card.setAttribute('aria-pressed', String(on));
    });
    bar.hidden = picked.size === 0;
    const words = bar.querySelector('[data-selected]');
    words.textContent = picked.size === 1 ? words.dataset.one : words.dataset.many.replace('%(number)s', picked.size.toLocaleString('en-US'));
  };
  const clear = () => { picked.clear(); show(); };
  const openMove = (ids, to) => window.htmx.ajax('POST', board.dataset.move, { target: '#dialog', values: { ids: ids.join(','), to: to || '' } });

  // While a card is held, arriving changes must not take the columns from under it.
  const freeze = (frozen) => board.querySelectorAll(frozen ? '[data-live]' : '[data-live-held]').forEach((part) => {
    const [from, to] = frozen ? ['live', 'liveHeld'] : ['liveHeld', 'live'];
    part.dataset[to] = part.dataset[from];
    delete part.dataset[from];
  });

  if ('draggable' in board.dataset) {
    board.querySelectorAll('[data-cards]').forEach((list) => new window.Sortable(list, {
      group: 'board',
      draggable: 'article',
      sort: false,
      animation: 0,
      delay: 120,
      delayOnTouchOnly: true,
      onStart: ({ item }) => {
        freeze(true);
        const many = picked.has(item.dataset.id) ? picked.size : 1;
        if (many > 1) item.dataset.many = many;
      },
      onEnd: ({ item, from, to, oldIndex }) => {
        delete item.dataset.many;
        if (from !== to) from.insertBefore(item, from.querySelectorAll('article')[oldIndex] || null);
        freeze(false);
        if (from === to) return;
        const ids = picked.has(item.dataset.id) ? [...picked] : [item.dataset.id];
        openMove(ids, to.closest('[data-column]').dataset.column);
      },
    }));

    let last = null;
    const toggle = (card, range) => {
      const all = cards();
      const on = !picked.has(card.dataset.id);
      const from = range && last && last.parentElement === card.parentElement ? all.indexOf(last) : all.indexOf(card);
      const [low, high] = [from, all.indexOf(card)].sort((a, b) => a - b);
      all.slice(low, high + 1).forEach((each) => (on ? picked.add(each.dataset.id) : picked.delete(each.dataset.id)));
      last = card;
      show();
    };
    board.addEventListener('click', (event) => {
      const card = event.target.closest('article');
      if (card) toggle(card, event.shiftKey);
    });

    const neighbour = (card, key) => {
      if (key === 'ArrowDown' || key === 'j') return card.nextElementSibling;
      if (key === 'ArrowUp' || key === 'k') return card.previousElementSibling;
      const lists = [...board.querySelectorAll('[data-cards]')].filter((list) => list.querySelector('article'));
      const at = lists.indexOf(card.parentElement);
      const list = lists[at + (key === 'ArrowRight' ? 1 : -1)];
      return list && list.querySelectorAll('article')[Math.min([...card.parentElement.children].indexOf(card), list.querySelectorAll('article').length - 1)];
    };
    document.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || window.paidan.typing(event.target) || document.querySelector('dialog[open]')) return;
      const card = event.target.closest('article');
      if (card && [' ', 'Enter', 'x'].includes(event.key)) toggle(card, event.shiftKey);
      else if (card && /^(Arrow(Up|Down|Left|Right)|j|k)$/.test(event.key)) {
        const next = neighbour(card, event.key);
        if (next && next.matches('article')) next.focus();
      } else if (event.key === 'm' && (picked.size || card)) openMove(picked.size ? [...picked] : [card.dataset.id]);
      else if (event.key === 'Escape' && picked.size && !event.defaultPrevented) clear();
      else return;
      event.preventDefault();
    });
    bar.querySelector('[data-move-picked]').addEventListener('click', () => openMove([...picked]));
    bar.querySelector('[data-clear-picked]').addEventListener('click', clear);
  }

  // What the open preview would add or take away, hatched on every column's bar.
  const TICK = 74;
  const hatch = () => {
    const source = document.getElementById('relief-effect');
    const effect = source ? JSON.parse(source.textContent) : {};
    board.querySelectorAll('[data-column]').forEach((column) => {
      const meter = column.querySelector('.meter');
      const words = column.querySelector('[data-after]');
      if (!meter) return;
      meter.querySelectorAll('[data-effect]').forEach((old) => old.remove());
      const after = effect[column.dataset.column];
      words.hidden = !after;
      if (!after) return;
      const share = Number(column.dataset.share);
      const [low, high] = [share, after.share].map((each) => Math.min(each * TICK, 100)).sort((a, b) => a - b);
      const part = document.createElement('s');
      part.dataset.effect = '';
      part.className = after.share > share ? 'add' : 'take';
      part.style.left = `${low}%`;
      part.style.width = `${high - low}%`;
      meter.append(part);
      words.textContent = after.words;
      words.classList.toggle('good', after.share < share);
    });
  };
  const closeDrawer = () => document.querySelector('#drawer [data-close-drawer]')?.click();
  new MutationObserver(hatch).observe(document.getElementById('drawer'), { childList: true });
  document.addEventListener('htmx:afterSwap', (event) => { if (event.detail.target.id === 'relieve-preview') hatch(); });
  document.addEventListener('paidan:refreshed', () => { show(); hatch(); });

  document.addEventListener('input', (event) => {
    const form = event.target.closest('[data-relief]');
    if (form && event.target.value) {
      if (event.target.name === 'number') form.elements.down_to.value = '';
      if (event.target.name === 'down_to') form.elements.number.value = '';
    }
  });

  document.addEventListener('click', (event) => {
    const item = event.target.closest('.bd-col .pd-item');
    if (item) item.closest('details').open = false;
    if (!event.target.closest('[data-close-moved]')) return;
    const dialog = event.target.closest('dialog');
    if (dialog) dialog.close(); else closeDrawer();
  });
  document.addEventListener('paidan:moved', () => { document.getElementById('relief-effect')?.remove(); clear(); document.dispatchEvent(new Event('paidan:refresh')); });
})();
