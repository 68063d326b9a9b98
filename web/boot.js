// Runs before the first paint and needs nothing: the chosen theme, the issuer's brand, and a page that is never blank.
(() => {
  const page = document.documentElement;
  const kept = (store, key) => {
    try {
      return window[store].getItem(key);
    } catch {
      return null; // Storage may be forbidden; then nothing was kept.
    }
  };
  const keep = (key, value) => {
    try {
      if (value === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, value);
      return true;
    } catch {
      return false;
    }
  };

  const theme = kept('localStorage', 'ventanilla.theme');
  if (theme === 'light' || theme === 'dark') page.dataset.theme = theme;

  const issuer = /^\/e\/([a-z0-9-]+)/.exec(location.pathname);
  const brand = document.createElement('link');
  brand.rel = 'stylesheet';
  brand.href = `/brand/${issuer ? issuer[1] : 'default'}.css`;
  document.head.append(brand);

  let started = false;
  const reveal = (id) => {
    const show = () => {
      document.getElementById('app')?.setAttribute('hidden', '');
      document.getElementById(id)?.removeAttribute('hidden');
    };
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', show);
    else show();
  };

  const modern =
    typeof WebAssembly === 'object' && window.CSS?.supports?.('color', 'light-dark(#000, #fff)') && CSS.supports('selector(:has(a))');
  if (!modern) reveal('boot-old');

  // After an upgrade the page in a browser's hands may name files that are gone: reload once, then say so.
  const missing = () => {
    if (started || !modern) return;
    if (kept('sessionStorage', 'ventanilla.reloaded') === null && keep('ventanilla.reloaded', '1')) location.reload();
    else reveal('boot-failed');
  };
  addEventListener('error', (event) => { if (event.target instanceof HTMLScriptElement || event.error) missing(); }, true);
  addEventListener('unhandledrejection', missing);
  addEventListener('TrunkApplicationStarted', () => {
    started = true;
    keep('ventanilla.reloaded', null);
  });
  addEventListener('click', (event) => { if (event.target?.id === 'boot-retry') location.reload(); });
})();
