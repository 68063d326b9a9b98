// How Swagger UI starts at /api/docs/. In a rehearsal the rehearsal's own key is filled in, so that "Try it out" works
// at the first click; elsewhere that address is not found and the reader types a key.
window.onload = function () {
  var key = fetch("/api/v1/rehearsal")
    .then(function (answer) { return answer.ok ? answer.json() : null; })
    .then(function (view) { return view && view.api_key; })
    .catch(function () { return null; });

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
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: "StandaloneLayout",
    // Called anew for each document that is chosen.
    onComplete: function () {
      key.then(function (text) { if (text) window.ui.preauthorizeApiKey("api_key", text); });
    },
    // The portal's own API wants a header that no foreign page can send.
    requestInterceptor: function (request) {
      if (request.url.indexOf("/api/v1/") >= 0) request.headers["X-Requested-With"] = "ventanilla";
      return request;
    },
  });
};
