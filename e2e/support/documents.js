// Consultas as a person sees it, and the files that come of it.
import { expect } from './journey.js';
import { Person } from './people.js';

// The names of a ZIP's files, as the directory at its end has them.
export function namesIn(zip) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  expect(end, 'the directory of the ZIP').toBeGreaterThanOrEqual(0);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: zip.readUInt16LE(end + 10) }, () => {
    const [name, extra, comment] = [28, 30, 32].map((place) => zip.readUInt16LE(at + place));
    const found = zip.toString('utf8', at + 46, at + 46 + name);
    at += 46 + name + extra + comment;
    return found;
  });
}

export class Documents extends Person {
  results() {
    return this.page.getByRole('region', { name: 'Resultados' });
  }

  rows() {
    return this.results().getByRole('row').filter({ has: this.page.getByRole('rowheader') });
  }

  row(number) {
    return this.rows().filter({ has: this.page.getByRole('link', { name: number, exact: true }) });
  }

  list(name) {
    return this.page.getByRole('combobox', { name, exact: true });
  }

  // On a phone the filters are folded away at first.
  async unfold() {
    const fold = this.page.locator('summary', { hasText: 'Filtros' });
    if ((await fold.isVisible()) && !(await this.field('Fecha inicial').isVisible())) await fold.click();
  }

  async search() {
    await this.button('Buscar').click();
    await this.settled();
  }

  async settled() {
    await expect(this.results()).not.toHaveAttribute('aria-busy', 'true');
  }
}
