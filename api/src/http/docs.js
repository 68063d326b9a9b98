// How Swagger UI starts at /api/docs/. In a rehearsal the rehearsal's own key is filled in, so that "Try it out" works
// at the first click; elsewhere that address is not found and the reader types a key.
(function () {
  var root = "/api/integrators/v1";
  // New at each opening: an order has one invoice, and a sale is told once by its numbers.
  var stamp = Date.now().toString(36);
  var soldAt = new Date(Date.now() - 3600000).toISOString();
  // The last day of the month before: a statement is of a month that began.
  var monthBefore = new Date();
  monthBefore.setUTCDate(0);
  // Ids that whoever tries chooses, among the examples; the demo's own stay as they are.
  var chosen = /^(venta|pedido|cliente|cargo|documento|recibo|credito)-\d+$/;

  function read(address, key) {
    return fetch(address, key ? { headers: { Authorization: "Bearer " + key } } : {})
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .catch(function () { return null; });
  }

  // What every operation of a list can be tried with, where not everything will do.
  var fits = {
    documents: function (row) { return Boolean(row.folio_fiscal); },
    payments: function (row) { return row.state === "confirmed" && !row.is_deposit && !row.reversed_at; },
  };

  function first(list, found) {
    return read(root + "/" + list + "?limit=" + (fits[list] ? 100 : 1), found.key).then(function (page) {
      var rows = page ? page.data : [];
      var row = (fits[list] && rows.find(fits[list])) || rows[0];
      if (row) found.ids[list] = row.id;
    });
  }

  // The newest delivery of the first endpoint that has any.
  function delivery(found) {
    return read(root + "/webhook-endpoints", found.key).then(function (page) {
      return Promise.all((page ? page.data : []).map(function (endpoint) {
        return read(root + "/webhook-endpoints/" + endpoint.external_id + "/deliveries?limit=1", found.key);
      }));
    }).then(function (pages) {
      pages.forEach(function (page) {
        if (page && page.data.length) found.ids["webhook-deliveries"] = page.data[0].id;
      });
    });
  }

  // What the example of a credit puts on an invoice.
  var placed = 964.69;

  // A payment that has so much left, and what its customer owes that it can be put on. It pays nothing twice.
  function credit(found) {
    return Promise.all(["payments", "receivables"].map(function (list) {
      return read(root + "/" + list + "?limit=100", found.key);
    })).then(function (pages) {
      if (!pages[0] || !pages[1]) return;
      pages[0].data.forEach(function (payment) {
        if (found.credit || payment.reversed_at || Number(payment.unapplied) < placed) return;
        var paid = payment.lines.map(function (line) { return line.receivable_id; });
        var owed = pages[1].data.find(function (row) {
          return row.customer_rfc === payment.customer_rfc && row.currency === "MXN" &&
            Number(row.available) >= placed && paid.indexOf(row.id) < 0;
        });
        if (owed) found.credit = { payment: payment.id, receivable: owed.id };
      });
    });
  }

  // The rehearsal's key, and the id of one thing of each list that has any.
  function rehearsal() {
    return read("/api/v1/rehearsal").then(function (view) {
      var found = { key: view && view.api_key, ids: {} };
      if (!found.key) return found;
      return Promise.all(["documents", "invoices", "payments", "receivables"].map(function (list) {
        return first(list, found);
      }).concat(delivery(found), credit(found))).then(function () { return found; });
    });
  }

  function fresh(name, value) {
    if (typeof value !== "string") return value;
    if (chosen.test(value)) return value + "-" + stamp;
    if (name === "month") return monthBefore.toISOString().slice(0, 7);
    if (name === "order_number" || name === "ticket_number") return value + "-" + stamp.toUpperCase();
    return name === "sold_at" || name === "as_of" ? soldAt : value;
  }

  function freshen(example) {
    Object.keys(example).forEach(function (name) {
      var value = example[name];
      if (value && typeof value === "object") freshen(value);
      else example[name] = fresh(name, value);
    });
  }

  // A line is shown to be changed, not a file to be chosen.
  function asText(content) {
    content.schema = { type: "string" };
    var lines = content.example.trim().split("\n").map(function (line) {
      var value = JSON.parse(line);
      freshen(value);
      return JSON.stringify(value);
    });
    content.example = lines.join("\n") + "\n";
  }

  // A demo on this machine sends to whatever listens beside it: no name has to be known, and no line is needed.
  function beside(example) {
    if (!example.url || location.hostname !== "localhost") return;
    example.url = "http://localhost:9000/ventanilla";
    example.enabled = true;
  }

  function prepare(document, found) {
    Object.keys(document.paths || {}).forEach(function (path) {
      if (path.indexOf(root) !== 0) return;
      var list = path.slice(root.length + 1).split("/")[0];
      var credit = /credit-applications$/.test(path) && found.credit;
      var id = credit ? credit.payment : found.ids[list];
      Object.keys(document.paths[path]).forEach(function (verb) {
        var operation = document.paths[path][verb];
        (operation.parameters || []).forEach(function (parameter) {
          if (parameter.name === "id" && id) parameter.example = id;
          else if (parameter.example) parameter.example = fresh(parameter.name, parameter.example);
        });
        var contents = (operation.requestBody || {}).content || {};
        Object.keys(contents).forEach(function (media) {
          var content = contents[media];
          if (media === "application/x-ndjson") asText(content);
          else if (content.example) {
            freshen(content.example);
            beside(content.example);
            (content.example.lines || []).forEach(function (line) {
              if (line.receivable_id && credit) line.receivable_id = credit.receivable;
            });
          }
        });
      });
    });
    return document;
  }

  window.onload = function () {
    rehearsal().then(function (found) {
      window.ui = SwaggerUIBundle({
        urls: [
          { name: "Integrators", url: "/openapi/integrators.v1.json" },
          { name: "Portal", url: "/openapi/portal.json" },
        ],
        "urls.primaryName": new URLSearchParams(location.search).get("urls.primaryName") || "Integrators",
        dom_id: "#swagger-ui",
        deepLinking: true,
        tryItOutEnabled: true,
        displayRequestDuration: true,
        // Without "none" the page asks an outside service to judge the document.
        validatorUrl: "none",
        presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
        plugins: [SwaggerUIBundle.plugins.DownloadUrl, function () {
          return { statePlugins: { spec: { wrapActions: {
            updateJsonSpec: function (update) {
              return function (document) { return update(prepare(document, found)); };
            },
          } } } };
        }],
        layout: "StandaloneLayout",
        // Called anew for each document that is chosen.
        onComplete: function () {
          if (found.key) window.ui.preauthorizeApiKey("api_key", found.key);
        },
        // The portal's own API wants a header that no foreign page can send.
        requestInterceptor: function (request) {
          if (request.url.indexOf("/api/v1/") >= 0) request.headers["X-Requested-With"] = "ventanilla";
          return request;
        },
      });
    });
  };
})();
