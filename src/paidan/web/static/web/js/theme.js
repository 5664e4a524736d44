// Before anything is drawn: who has not chosen light or dark gets what the system prefers.
(() => {
  const root = document.documentElement;
  if (!root.dataset.themeChosen) {
    root.dataset.bsTheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
})();
