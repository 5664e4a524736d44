// The team pages: choosing rows, the field that every scan goes into, the sound of right and wrong, paper.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window: not kept */ } };
  const kept = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  // How many are ticked, on the button that will take them.
  const boxes = () => all('#chosen input[name=id]');
  const count = () => {
    const button = $('[data-count]');
    if (!button) return;
    const number = boxes().filter((box) => box.checked).length;
    const word = number === 0 ? button.dataset.none : number === 1 ? button.dataset.one : button.dataset.many.replace('#', number.toLocaleString('en-US'));
    $('span', button).textContent = word;
    const some = $('[data-some]');
    if (some) some.hidden = number === 0;
    const first = $('[data-first]');
    first.textContent = number ? first.dataset.noneWord : first.dataset.firstWord;
  };
  document.addEventListener('change', (event) => { if (event.target.matches('#chosen input[name=id]')) count(); });
  document.addEventListener('click', (event) => {
    const first = event.target.closest('[data-first]');
    if (first) {
      const ticked = boxes().some((box) => box.checked);
      boxes().forEach((box, at) => { box.checked = !ticked && at < Number(first.dataset.first); });
      count();
    }
    if (event.target.closest('[data-print]')) window.print();
  });

  // Rows of a list: new ones come in at their place, gone ones go; ticks, focus and scroll stay.
  const merge = (fresh) => {
    const list = $('[data-rows]');
    const next = $('[data-rows]', fresh);
    if (!list || !next) return;
    if (!$('[data-id]', list) || !$('[data-id]', next)) {
      if (list.innerHTML !== next.innerHTML) list.replaceChildren(...next.childNodes);
      count();
      return;
    }
    const before = new Map(all('[data-id]', list).map((row) => [row.dataset.id, row]));
    let last = null;
    all('[data-id]', next).forEach((row) => {
      const old = before.get(row.dataset.id);
      before.delete(row.dataset.id);
      if (!old) {
        if (last) last.after(row); else list.prepend(row);
        last = row;
        return;
      }
      const box = $('input[name=id]', old);
      if (old.innerHTML !== row.innerHTML && !old.contains(document.activeElement)) {
        old.innerHTML = row.innerHTML;
        const again = $('input[name=id]', old);
        if (box && again) again.checked = box.checked;
      }
      last = old;
    });
    before.forEach((row) => row.remove());
    count();
  };
  document.addEventListener('paidan:refreshed', (event) => { if (event.detail) merge(event.detail); });

  // Sounds are made, not loaded: high and short is right, two low ones are wrong, one middle one asks.
  let audio = null;
  const muted = () => kept('team-muted') === '1';
  const wake = () => {
    const Audio = window.AudioContext || window.webkitAudioContext;
    if (!audio && Audio) audio = new Audio();
    if (audio && audio.state === 'suspended') audio.resume();
  };
  document.addEventListener('pointerdown', wake);
  document.addEventListener('keydown', wake);
  const tone = (hertz, from, length, shape) => {
    const wave = audio.createOscillator();
    const loudness = audio.createGain();
    wave.type = shape;
    wave.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.25, audio.currentTime + from);
    loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from + length);
    wave.connect(loudness).connect(audio.destination);
    wave.start(audio.currentTime + from);
    wave.stop(audio.currentTime + from + length);
  };
  const TONES = {
    ok: [[1320, 0, 0.12, 'sine']],
    no: [[196, 0, 0.22, 'square'], [147, 0.26, 0.34, 'square']],
    ask: [[784, 0, 0.1, 'sine']],
  };
  const VIBRATION = { ok: 60, no: [200, 80, 200], ask: 30 };
  const signal = (verdict) => {
    if (audio && !muted()) TONES[verdict].forEach((one) => tone(...one));
    if (navigator.vibrate && navigator.userActivation?.hasBeenActive) navigator.vibrate(VIBRATION[verdict]);
    document.dispatchEvent(new CustomEvent('paidan:signalled', { detail: verdict }));
  };
  const showMute = () => all('[data-mute] span').forEach((word) => { word.textContent = muted() ? word.dataset.muted : word.dataset.loud; });
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-mute]')) return;
    keep('team-muted', muted() ? '0' : '1');
    showMute();
  });
  showMute();

  // The scan field. A scanner types fast and ends with Enter, so numbers queue up and are sent one after another.
  const form = $('[data-scan]');
  if (!form) return;
  const field = $('input[name=code]', form);
  const verdict = $('#verdict');
  const usual = field.placeholder;
  const queue = [];
  let sending = false;

  const focus = () => {
    const on = document.activeElement;
    const elsewhere = on && on !== field && window.paidan.typing(on);
    if (!elsewhere && !$('dialog[open], details.pop[open]')) field.focus({ preventScroll: true });
  };
  const send = async () => {
    if (sending) return;
    sending = true;
    while (queue.length) {
      const values = queue.shift();
      const parcel = $('input[name=parcel]', verdict);
      if (parcel) values.parcel = parcel.value;
      let answered = false;
      const seen = () => { answered = true; };
      document.addEventListener('htmx:afterSwap', seen, { once: true });
      try {
        await window.htmx.ajax('POST', form.action, { source: verdict, target: verdict, swap: 'innerHTML show:none', values });
      } catch { /* said below */ }
      document.removeEventListener('htmx:afterSwap', seen);
      if (!answered) {
        // Not sent: what was scanned stays in the field, the rest waits to be scanned again.
        queue.length = 0;
        if (values.code && !field.value) field.value = values.code;
        signal('no');
      }
    }
    sending = false;
    focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const code = field.value.trim();
    field.value = '';
    if (!code) return;
    queue.push({ code });
    send();
  });
  verdict.addEventListener('click', (event) => {
    if (event.target.closest('[data-without]')) { queue.push({ code: '', without: '1' }); send(); }
    if (event.target.closest('[data-another]')) { verdict.replaceChildren(); field.placeholder = usual; }
    focus();
  });
  document.addEventListener('htmx:afterSwap', (event) => {
    if (event.detail.target !== verdict) return;
    const shown = $('[data-verdict]', verdict);
    if (!shown) return;
    const asked = $('[data-hint]', verdict);
    field.placeholder = asked ? asked.dataset.hint : usual;
    const counter = { ok: $('[data-right]'), no: $('[data-wrong]') }[shown.dataset.verdict];
    if (counter) counter.textContent = Number(counter.textContent) + 1;
    if (shown.dataset.gone) { const row = document.getElementById(`row-${shown.dataset.gone}`); if (row) row.remove(); count(); }
    signal(shown.dataset.verdict);
  });

  // Always focused, but never in the way of another field, a menu or a dialog; the screen's keyboard only on request.
  const keys = $('[data-keys]', form);
  const showKeys = () => {
    const on = kept('team-keys') === '1';
    field.inputMode = on ? 'text' : 'none';
    keys.setAttribute('aria-pressed', String(on));
  };
  keys.addEventListener('click', () => { keep('team-keys', kept('team-keys') === '1' ? '0' : '1'); showKeys(); field.blur(); field.focus(); });
  showKeys();
  document.addEventListener('click', () => setTimeout(focus));
  document.addEventListener('keydown', (event) => {
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !window.paidan.typing(event.target)) focus();
  });
  window.addEventListener('focus', focus);
  focus();
})();
