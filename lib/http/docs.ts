/**
 * The API about itself: the OpenAPI document, and a page that shows it to people.
 *
 *   GET /docs ──► the page ──► /docs/start.js, /docs/swagger-ui-bundle.js, /docs/swagger-ui.css
 *                    └──────► /openapi.json
 *
 * Links are relative, so that the page works below a stage's name too, and the page may load nothing
 * from elsewhere. The document is made when it is first asked for.
 */
import type { HandlersNamed } from './app.ts';
import { DOCS_ASSETS, readDocsAsset } from './docs-assets.ts';
import { ProtocolError } from './problem.ts';
import { noQuery, parseQuery } from './query.ts';
import { shown } from './validate.ts';

const START = 'start.js';
const SCRIPT = 'text/javascript; charset=utf-8';

const START_SCRIPT = `const nothing = () => () => null;
window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  showExtensions: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  // There is one server, the page's own, and no form can sign a request.
  plugins: [() => ({ wrapComponents: {
    authorizeBtn: nothing, authorizeOperationBtn: nothing, ServersContainer: nothing,
  } })],
});
`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stratalog: HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<style>.scheme-container { display: none }</style>
</head>
<body>
<div id="api"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/${START}"></script>
</body>
</html>
`;

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** They change with the version only. */
const ASSET_CACHE = 'public, max-age=3600';

let document: Promise<string> | undefined;

const documentText = (): Promise<string> => {
  document ??= import('./openapi/document.ts').then(({ openApiDocument }) =>
    JSON.stringify(openApiDocument()),
  );
  return document;
};

export const docsHandlers = (): HandlersNamed<'openApi' | 'docs' | 'docsAsset'> => ({
  openApi: async (context) => {
    parseQuery(noQuery, context.req);
    const headers = { 'content-type': 'application/json' };
    return new Response(await documentText(), { headers });
  },

  docs: async (context) => {
    parseQuery(noQuery, context.req);
    return new Response(PAGE, { headers: PAGE_HEADERS });
  },

  docsAsset: async (context) => {
    parseQuery(noQuery, context.req);
    const name = context.req.param('asset') ?? '';
    const type = name === START ? SCRIPT : DOCS_ASSETS.get(name);
    if (type === undefined) {
      const names = [START, ...DOCS_ASSETS.keys()].join(', ');
      throw new ProtocolError(404, `The page has no file ${shown(name)}; its files are ${names}.`);
    }
    const text = name === START ? START_SCRIPT : await readDocsAsset(name);
    return new Response(text, { headers: { 'content-type': type, 'cache-control': ASSET_CACHE } });
  },
});
