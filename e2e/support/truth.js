// What the API itself says, for the person whose pages are looked at.
import { expect } from './journey.js';

// Statements of account that the demo makes for its first customer; another journey may have brought one in before.
const STATEMENTS = 7;

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
  async isComplete() {
    const statements = async () => (await this.documents('&kind=estado_de_cuenta')).totals.count;
    await expect
      .poll(statements, { message: 'the documents of the demo', timeout: 150_000, intervals: [1_000] })
      .toBeGreaterThanOrEqual(STATEMENTS);
  }
}
