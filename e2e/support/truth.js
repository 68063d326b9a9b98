// What the API itself says, for the person whose pages are looked at.
import { expect } from './journey.js';

// Statements of account that the demo makes for its first customer: of these years. What a desk brings in is older.
const STATEMENTS = 7;
const THESE_YEARS = '2020-01-01';

export class Truth {
  static async of(request, { user, password }) {
    const headers = { 'X-Requested-With': 'ventanilla' };
    const opened = await request.post('/api/v1/sessions', { headers, data: { user, password } });
    expect(opened.ok(), 'POST /api/v1/sessions').toBe(true);
    const truth = new this();
    truth.request = request;
    truth.headers = { Authorization: `Bearer ${(await opened.json()).access_token}` };
    return truth;
  }

  ask(path) {
    return this.request.get(`/api/v1${path}`, { headers: this.headers });
  }

  async get(path) {
    const answer = await this.ask(path);
    expect(answer.ok(), `GET ${path}`).toBe(true);
    return answer.json();
  }

  documents(query = '') {
    return this.get(`/documents?limit=100${query}`);
  }

  // The demo makes its documents in the background; these come last.
  async isMade() {
    return (await this.documents(`&kind=estado_de_cuenta&issued_from=${THESE_YEARS}`)).totals.count >= STATEMENTS;
  }

  // Each payment brings a recibo, also one of a journey before this; not every portal has payments.
  async isPrinted() {
    const answer = await this.ask('/payments?limit=100');
    if (!answer.ok()) return true;
    const { data } = await answer.json();
    return data.every(({ state, receipt_document_id: recibo }) => state !== 'confirmed' || Boolean(recibo));
  }

  // Nothing is added to the lists any more but by the journey itself.
  async isComplete() {
    const all = async () => (await this.isMade()) && (await this.isPrinted());
    await expect.poll(all, { message: 'the documents of the demo', timeout: 150_000, intervals: [1_000] }).toBe(true);
  }
}
