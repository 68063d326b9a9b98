// Reads a ticket's QR with the camera, where the browser can (BarcodeDetector): put in by the press of a button, gone when
// its dialog closes. It leads to an address of this site and to no other, whatever the paper says.
(async ({ title, lead, other, failed, close }) => {
  const LOOK_MS = 150;
  const make = (name, props, ...inside) => {
    const element = Object.assign(document.createElement(name), props);
    element.append(...inside);
    return element;
  };
  const heading = make('h2', { id: 'scan-title', tabIndex: -1, autofocus: true, textContent: title });
  const said = make('p', { textContent: lead });
  said.setAttribute('role', 'status');
  const video = make('video', { className: 'scan', muted: true, playsInline: true });
  video.setAttribute('aria-hidden', 'true');
  const end = make('button', { className: 'btn btn--2', type: 'button', textContent: close });
  const dialog = make(
    'dialog', { className: 'dialog' },
    make('div', { className: 'dialog__body' }, heading, said, video),
    make('div', { className: 'dialog__foot' }, end),
  );
  dialog.setAttribute('aria-labelledby', heading.id);
  let stream;
  const stop = () => stream?.getTracks().forEach((track) => track.stop());
  dialog.addEventListener('close', () => { stop(); dialog.remove(); });
  end.addEventListener('click', () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();

  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    if (!dialog.open) return stop();
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    while (dialog.open) {
      for (const { rawValue } of await detector.detect(video)) {
        const ours = /^https?:\/\/[^/]+(\/q\/[^/?#]+)$/i.exec(rawValue);
        if (ours) {
          dialog.close();
          return location.assign(ours[1]);
        }
        said.textContent = other;
      }
      await new Promise((look) => { setTimeout(look, LOOK_MS); });
    }
  } catch {
    // No camera, none allowed, or a browser that reads no codes after all.
    video.hidden = true;
    said.textContent = failed;
  }
})(document.currentScript.dataset);
