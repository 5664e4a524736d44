// The rule list: a rule is dragged to its place, or moved by Alt and the arrows; N begins a new one.
(() => {
  const body = () => document.querySelector('[data-rules]');
  const token = () => document.querySelector('input[name=csrfmiddlewaretoken]').value;
  const send = (row, to) => window.htmx.ajax('POST', row.dataset.move, { values: { to }, swap: 'none', headers: { 'X-CSRFToken': token() } });

  const drag = () => {
    const rows = body();
    if (!rows || rows.dataset.dragging || !window.Sortable) return;
    rows.dataset.dragging = '1';
    window.Sortable.create(rows, {
      handle: '.rl-grip',
      animation: 120,
      forceFallback: true,
      onMove: (event) => !('last' in event.related.dataset),
      onEnd: (event) => { if (event.newIndex !== event.oldIndex) send(event.item, event.newIndex + 1); },
    });
  };
  document.addEventListener('DOMContentLoaded', drag);
  document.addEventListener('htmx:afterSettle', drag);
  document.addEventListener('paidan:refreshed', drag);

  document.addEventListener('keydown', (event) => {
    if (event.target.matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
    if (event.key === 'n' && !event.altKey && !event.ctrlKey && !event.metaKey) {
      const link = document.querySelector('a[data-key=n]');
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (!event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
    const row = event.target.closest('tr[data-move]');
    if (!row || 'last' in row.dataset || !body()) return;
    event.preventDefault();
    const to = Number(row.dataset.place) + (event.key === 'ArrowUp' ? -1 : 1);
    const other = event.key === 'ArrowUp' ? row.previousElementSibling : row.nextElementSibling;
    if (to < 1 || !other || 'last' in other.dataset) return;
    sessionStorage.setItem('rules-focus', to);
    document.activeElement.blur(); // the list is not brought up to date under somebody's hands
    send(row, to);
  });
  // The rule that was moved by keys keeps the focus at its new place.
  const refocus = () => {
    const place = sessionStorage.getItem('rules-focus');
    const link = place && document.querySelector(`tr[data-place="${place}"] a.no`);
    if (!link) return;
    sessionStorage.removeItem('rules-focus');
    link.focus();
  };
  document.addEventListener('DOMContentLoaded', refocus);
  document.addEventListener('paidan:refreshed', refocus);
})();
