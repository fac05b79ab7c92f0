/**
 * The files of the page at `/docs`: Swagger UI's, as its package has them. A build copies them beside
 * what runs, a checkout finds them in the package, and nothing is fetched from elsewhere.
 */
/** Those of the package, by name: media type. */
export const DOCS_ASSETS: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
  ['swagger-ui.css', 'text/css; charset=utf-8'],
]);

/** Where they lie: beside a Lambda bundle, beside the bundle of the built package, in a checkout. */
const PLACES: readonly (() => string)[] = [
  () => './docs/',
  () => '../../functions/topics/docs/',
  () => import.meta.resolve('swagger-ui-dist/package.json'),
];

/** The file's text. @param name one of `DOCS_ASSETS` */
export const readDocsAsset = async (name: string): Promise<string> => {
  // Loaded when it is needed: no other route of the function reads files.
  const { readFile } = await import('node:fs/promises');
  let failure: unknown;
  for (const place of PLACES) {
    try {
      return await readFile(new URL(name, new URL(place(), import.meta.url)), 'utf8');
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
};
