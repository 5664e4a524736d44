// List pages: the keyboard row, the selection (kept over pages of one list), and the batch bar.
(() => {
  const selected = new Map(); // id → true, of the list whose key is `listed`
  let listed = null;
  let everything = false;
  let current = null; // id of the keyboard row

  const list = () => document.querySelector('[data-list]');
  const bar = () => document.querySelector('[data-batch]');
  const rows = () => [...document.querySelectorAll('[data-list] tbody tr[data-id]')];
  const number = (value) => value.toLocaleString('en-US');
  const worded = (element, value) => element.dataset.words.replace('%(number)s', number(value));

  const show = () => {
    const here = list();
    if (!here) return;
    const key = `${here.dataset.list}?${here.dataset.query}`;
    if (listed !== key) { selected.clear(); everything = false; listed = key; current = null; }
    rows().forEach((row) => {
      const on = everything || selected.has(row.dataset.id);
      row.classList.toggle('sel', on);
      row.classList.toggle('cur', row.dataset.id === current);
      const box = row.querySelector('input[name=id]');
      if (box) box.checked = on;
    });
    const all = document.querySelector('[data-all]');
    if (all) {
      const on = rows().filter((row) => everything || selected.has(row.dataset.id)).length;
      all.checked = on > 0 && on === rows().length;
      all.indeterminate = on > 0 && on < rows().length;
    }
    const strip = bar();
    if (!strip) return;
    const total = Number(here.dataset.total);
    const count = everything ? total : selected.size;
    strip.hidden = count === 0;
    here.classList.toggle('has-batch', count > 0);
    strip.querySelector('[data-selected]').textContent = worded(strip.querySelector('[data-selected]'), count);
    const rest = strip.querySelector('[data-select-all]');
    rest.hidden = everything || count >= total;
  };

  const mark = (row, on) => {
    if (everything) { // leaving “all” keeps this page's rows
      everything = false;
      rows().forEach((each) => selected.set(each.dataset.id, true));
    }
    if (on) selected.set(row.dataset.id, true); else selected.delete(row.dataset.id);
  };
  const clear = () => { selected.clear(); everything = false; show(); };

  let last = null;
  document.addEventListener('click', (event) => {
    const box = event.target.closest('[data-list] input[name=id]');
    if (box) {
      const row = box.closest('tr');
      const between = event.shiftKey && last && last.isConnected ? span(last, row) : [row];
      between.forEach((each) => mark(each, box.checked));
      last = row;
      current = row.dataset.id;
      show();
      return;
    }
    if (event.target.closest('[data-all]')) {
      const on = event.target.checked;
      everything = false;
      rows().forEach((row) => mark(row, on));
      show();
    } else if (event.target.closest('[data-select-all]')) {
      everything = true;
      show();
    } else if (event.target.closest('[data-clear]')) {
      clear();
    } else if (event.target.closest('[data-action]')) {
      const button = event.target.closest('[data-action]');
      act(button.dataset.action, button.hasAttribute('data-whole'));
    }
  });
  const span = (one, other) => {
    const all = rows();
    const [from, to] = [all.indexOf(one), all.indexOf(other)].sort((a, b) => a - b);
    return from < 0 ? [other] : all.slice(from, to + 1);
  };

  // A button with data-whole acts on all that the list shows or goes on to, unless some are ticked.
  const act = (url, whole = false) => {
    const values = everything || (whole && selected.size === 0)
      ? { all: '1', query: list().dataset.query }
      : { id: [...selected.keys()].join(',') };
    window.htmx.ajax('POST', url, { target: '#dialog', swap: 'innerHTML', values });
  };

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.dataset.id === current);
    const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
    current = next.dataset.id;
    next.scrollIntoView({ block: 'nearest' });
    show();
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || window.paidan.typing(event.target) || document.querySelector('dialog[open]')) return;
    if (!list()) return;
    const row = rows().find((each) => each.dataset.id === current);
    const key = event.key.toLowerCase();
    if (key === 'j') move(1);
    else if (key === 'k') move(-1);
    else if (key === 'x' && row && bar()) { mark(row, !row.classList.contains('sel')); show(); }
    else if (key === 'enter' && row && row.dataset.href && !event.target.closest('a, button, summary')) location.assign(row.dataset.href);
    else if (key === 'f') {
      const more = document.querySelector('[data-more-filters]') || document.querySelector('.pd-filter-pop');
      if (more) more.open = true;
    } else if (key === 'escape' && !event.defaultPrevented && bar() && !bar().hidden) clear();
    else if (bar() && !bar().hidden) {
      const button = [...bar().querySelectorAll('[data-key]')].find((each) => each.dataset.key === key);
      if (!button) return;
      act(button.dataset.action);
    } else return;
    event.preventDefault();
  });

  // An address says only what is filtered, not what could be.
  document.addEventListener('htmx:configRequest', (event) => {
    if (event.detail.verb !== 'get' || !event.detail.elt.closest('form[method=get]')) return;
    const given = event.detail.formData;
    [...new Set(given.keys())].forEach((key) => {
      const filled = given.getAll(key).filter((value) => value !== '');
      given.delete(key);
      filled.forEach((value) => given.append(key, value));
    });
  });

  document.addEventListener('htmx:afterSettle', show);
  document.addEventListener('paidan:refreshed', show);
  document.addEventListener('paidan:applied', () => { clear(); document.dispatchEvent(new Event('paidan:refresh')); });
  document.addEventListener('DOMContentLoaded', show);
})();
