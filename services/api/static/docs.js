// The pages of the API's reference, made of the OpenAPI document of this very API; nothing is asked of another host.
SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
