// A classic script in <head>, so that the remembered theme is set before the first paint.
(() => {
  const KEY = 'taskloom-demo:theme';
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => root.dataset.theme ?? (system.matches ? 'dark' : 'light');

  // localStorage throws where storage is blocked; the toggle then works until the page is left.
  function remembered() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }
  function remember(theme) {
    try { localStorage.setItem(KEY, theme); } catch { /* not remembered */ }
  }

  const saved = remembered();
  if (saved === 'light' || saved === 'dark') root.dataset.theme = saved;

  addEventListener('DOMContentLoaded', () => {
    const label = document.getElementById('theme-toggle-label');
    const describe = () => {
      label.textContent = current() === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme';
    };
    document.getElementById('theme-toggle').addEventListener('click', () => {
      root.dataset.theme = current() === 'dark' ? 'light' : 'dark';
      remember(root.dataset.theme);
      document.dispatchEvent(new Event('themechange'));
      describe();
    });
    system.addEventListener('change', describe);
    describe();
  });
})();
