// Consultas as a person sees it.
import { expect } from './journey.js';
import { Person } from './people.js';

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
