// The shell: toasts, dialogs, drawer, theme, search and the sheet of shortcuts.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const csrf = () => JSON.parse(document.body.getAttribute('hx-headers') || '{}')['X-CSRFToken'] || '';
  const typing = (target) => target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]');

  // Toasts go after their seconds, but not while somebody points at or is inside one.
  const timed = new WeakSet();
  const timeToasts = () => document.querySelectorAll('.pd-toast[data-seconds]').forEach((toast) => {
    if (timed.has(toast)) return;
    timed.add(toast);
    const wait = () => setTimeout(() => (toast.matches(':hover, :focus-within') ? wait() : toast.remove()), toast.dataset.seconds * 1000);
    wait();
  });

  const say = (sentence) => {
    const toast = document.createElement('div');
    toast.className = 'pd-toast';
    toast.dataset.seconds = 8;
    toast.append(Object.assign(document.createElement('span'), { className: 'grow', textContent: sentence }));
    $('#toasts').append(toast);
    timeToasts();
  };

  document.addEventListener('click', (event) => {
    const hit = (selector) => event.target.closest(selector);
    if (hit('[data-close]')) hit('.pd-toast').remove();
    if (hit('[data-close-dialog]')) hit('dialog').close();
    if (hit('[data-close-drawer]')) closeDrawer();
    if (hit('[data-shortcuts]')) $('#shortcuts').showModal();
    const theme = hit('[data-theme-switch]');
    if (theme) {
      const next = document.documentElement.dataset.bsTheme === 'dark' ? 'light' : 'dark';
      document.documentElement.dataset.bsTheme = next;
      document.dispatchEvent(new CustomEvent('paidan:theme', { detail: next }));
      fetch(theme.dataset.themeSwitch, { method: 'POST', headers: { 'X-CSRFToken': csrf() }, body: new URLSearchParams({ theme: next }) });
    }
    // A click on the dialog itself is a click beside its content.
    if (event.target instanceof HTMLDialogElement && !event.target.hasAttribute('data-firm')) event.target.close();
  });

  let opener = null;
  const closeDrawer = () => {
    const drawer = $('#drawer');
    if (!drawer || !drawer.firstElementChild) return false;
    drawer.replaceChildren();
    if (opener && opener.isConnected) opener.focus();
    return true;
  };

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !$('dialog[open]')) {
      if (closeDrawer()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $('dialog[open]')) return;
    if (event.key === '/') {
      const search = $('.pd-find input');
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (event.key === '?') {
      event.preventDefault();
      $('#shortcuts').showModal();
    }
  });

  // htmx: dialogs open when something was put into them, the drawer takes the focus, failures are said.
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.target && event.detail.target.id === 'drawer') opener = document.activeElement;
  });
  document.addEventListener('htmx:afterSwap', (event) => {
    const target = event.detail.target;
    if (target.id === 'dialog') {
      const filled = target.querySelector('[data-dialog]');
      if (filled && !target.open) target.showModal();
      if (!filled && target.open) target.close();
    }
    if (target.id === 'drawer' && target.firstElementChild) {
      const first = target.querySelector('[autofocus], input, select, button:not([data-close-drawer]), a');
      if (first) first.focus();
    }
    timeToasts();
  });
  document.addEventListener('htmx:oobAfterSwap', timeToasts);
  document.addEventListener('htmx:responseError', (event) => {
    const status = event.detail.xhr.status;
    if (status !== 401) say(status === 403 ? document.body.dataset.refused : document.body.dataset.failed);
  });
  document.addEventListener('htmx:sendError', () => say(document.body.dataset.offline));

  window.paidan = { csrf, say, typing, timeToasts };
  timeToasts();
})();
