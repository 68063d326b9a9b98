// Puts the sale of a scanned ticket into the draft that the wizard keeps for this tab, as if it had been typed, and goes
// on to the wizard. What the person typed about themselves for another ticket stays.
(() => {
  const { shelf, go_to, draft } = JSON.parse(document.getElementById('venta').dataset.sale);
  const empty = {
    version: 1, branch: null, rfc: '', order: '', ticket: '', total: '', forma_pago: '', nombre: '', regimen: '',
    codigo_postal: '', uso: '', email: '', claimed: null, attempt: null, refused: [], waiting: null,
  };
  try {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(shelf));
    } catch {
      kept = null; // Whatever is there is no draft.
    }
    if (kept?.version !== empty.version) kept = {};
    const next = { ...empty, ...kept, ...draft, refused: [], waiting: null };
    sessionStorage.setItem(shelf, JSON.stringify(next));
  } catch {
    // Storage is forbidden: the wizard opens empty, and the data are on the paper.
  }
  location.replace(go_to);
})();
