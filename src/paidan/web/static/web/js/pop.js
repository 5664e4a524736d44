// Pop-overs (<details class="pop">): one at a time, closed by Esc or a click elsewhere, kept inside the window.
// Selects marked data-choose become searchable when Tom Select is on the page and they have enough options; data-from names
// where more options come from while one types, data-free lets words of one's own be chosen.
(() => {
  const open = () => document.querySelectorAll('details.pop[open]');

  document.addEventListener('click', (event) => {
    open().forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    open().forEach((pop) => {
      pop.open = false;
      pop.querySelector('summary').focus();
      event.preventDefault();
    });
  }, true);

  document.addEventListener('toggle', (event) => {
    const pop = event.target;
    if (!(pop instanceof HTMLDetailsElement) || !pop.classList.contains('pop') || !pop.open) return;
    open().forEach((other) => { if (other !== pop && !other.contains(pop)) other.open = false; });
    const box = pop.querySelector('.pd-pop');
    if (!box) return;
    place(pop, box);
    choose(box);
    const first = box.querySelector('input:not([type=hidden]):not([type=checkbox]), textarea, .ts-control input');
    if (first) first.focus();
  }, true);

  // Fixed, so that no scrolling bar cuts it off.
  const place = (pop, box) => {
    const at = pop.querySelector('summary').getBoundingClientRect();
    box.style.position = 'fixed';
    box.style.maxHeight = '';
    box.style.right = 'auto';
    box.style.bottom = 'auto';
    const width = box.offsetWidth;
    const up = box.classList.contains('up');
    box.style.maxHeight = `${up ? at.top - 16 : innerHeight - at.bottom - 16}px`;
    const left = box.classList.contains('end') ? at.right - width : at.left;
    const x = Math.max(8, Math.min(left, innerWidth - width - 8));
    const y = up ? at.top - 6 - box.offsetHeight : at.bottom + 4;
    box.style.left = `${x}px`;
    box.style.top = `${y}px`;
    // Inside something transformed (the batch bar) “fixed” counts from there: take the difference back.
    const is = box.getBoundingClientRect();
    box.style.left = `${x + x - is.left}px`;
    box.style.top = `${y + y - is.top}px`;
  };

  const choose = (root) => {
    if (!window.TomSelect) return;
    root.querySelectorAll('select[data-choose]').forEach((select) => {
      if (select.tomselect || (!select.multiple && select.options.length < 12)) return;
      const words = select.labels[0] && select.labels[0].textContent.trim();
      const settings = { maxOptions: 500, plugins: select.multiple ? ['remove_button'] : [], hideSelected: false };
      if (select.multiple && window.Sortable !== undefined) settings.plugins.push('drag_drop');
      if ('free' in select.dataset) { settings.create = true; settings.createOnBlur = true; settings.persist = false; }
      if (select.dataset.from) {
        settings.load = (words, found) => fetch(`${select.dataset.from}?q=${encodeURIComponent(words)}`)
          .then((answer) => answer.json()).then((answer) => found(answer.options)).catch(() => found());
      }
      const chooser = new window.TomSelect(select, settings);
      // The label now belongs to the new control; what is left behind needs a name of its own, and no help.
      if (words) select.setAttribute('aria-label', words);
      const help = select.getAttribute('aria-describedby');
      if (help) chooser.control_input.setAttribute('aria-describedby', help);
      select.removeAttribute('aria-describedby');
    });
  };
  document.addEventListener('htmx:afterSwap', (event) => choose(event.detail.target));
  document.addEventListener('DOMContentLoaded', () => document.querySelectorAll('.pd-form').forEach(choose));
})();
