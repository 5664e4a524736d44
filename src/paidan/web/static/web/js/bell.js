// The bell: rings once for each new reminder, by sound and by a notice of the browser where the reader chose that.
(() => {
  const place = document.querySelector('[data-bell]');
  if (!place) return;
  const chosen = (name) => localStorage.getItem(`bell-${name}`) === '1';
  let newest = null;

  const load = async () => {
    if (place.querySelector('details[open]')) return;
    const answer = await fetch(place.dataset.bell, { headers: { 'X-Paidan-Live': '1' }, redirect: 'manual' });
    if (!answer.ok) return;
    place.innerHTML = await answer.text();
    if (window.htmx) window.htmx.process(place);
    place.querySelector('[data-al-sound]').checked = chosen('sound');
    place.querySelector('[data-al-browser]').checked = chosen('browser');
    const found = Number(place.querySelector('.al-bell').dataset.newest);
    if (newest !== null && found > newest) ring();
    newest = Math.max(found, newest || 0);
  };
  const ring = () => {
    place.dataset.rang = String(Number(place.dataset.rang || 0) + 1);
    if (chosen('sound') && window.AudioContext) {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      volume.gain.value = 0.06;
      tone.frequency.value = 880;
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.25);
    }
    if (chosen('browser') && window.Notification && Notification.permission === 'granted') {
      const words = place.querySelector('[data-al-words]');
      new Notification(words.dataset.alWords, { body: words.textContent });
    }
  };
  place.addEventListener('change', (event) => {
    const { target } = event;
    if (target.matches('[data-al-sound]')) localStorage.setItem('bell-sound', target.checked ? '1' : '0');
    if (target.matches('[data-al-browser]')) {
      localStorage.setItem('bell-browser', target.checked ? '1' : '0');
      if (target.checked && window.Notification) Notification.requestPermission();
    }
  });
  document.addEventListener('paidan:refresh', load);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) load(); });
  setInterval(() => { if (!document.hidden) load(); }, 5000);
  load();
})();
