// WebAuthn for the pages: the browser's authenticator takes and gives buffers, where the portal's API has base64url text.
// Told what the API asked, as text, and what else goes back, it gives the body to send; null when nothing was signed.
window.ventanillaPasskey = async (asked, more) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));
  const known = ['usb', 'nfc', 'ble', 'internal', 'hybrid'];

  const { id, options } = JSON.parse(asked);
  options.challenge = bytes(options.challenge);
  options.allowCredentials = named(options.allowCredentials);
  options.excludeCredentials = named(options.excludeCredentials);
  const makes = Boolean(options.user);
  if (makes) options.user.id = bytes(options.user.id);
  try {
    const made = await navigator.credentials[makes ? 'create' : 'get']({ publicKey: options });
    const from = made.response;
    const response = { clientDataJSON: text(from.clientDataJSON) };
    if (makes) {
      response.attestationObject = text(from.attestationObject);
      response.transports = (from.getTransports?.() ?? []).filter((one) => known.includes(one));
    } else {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      response.userHandle = text(from.userHandle);
    }
    const credential = { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
    return JSON.stringify({ ...JSON.parse(more), id, credential });
  } catch {
    return null; // The person closed the dialog, or has nothing that fits: the page says so.
  }
};
