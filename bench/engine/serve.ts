/** How does a Worker of the bench answer? With JSON by path; what went wrong comes as text with its stack. */

/** What answers one path. */
export type Route = (query: URLSearchParams, request: Request) => Promise<unknown>;

/** @returns what a Worker exports. */
export function serve(routes: Readonly<Record<string, Route>>): { fetch(request: Request): Promise<Response> } {
  return {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      try {
        return Response.json(await routes[pathname]!(searchParams, request));
      } catch (error) {
        return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error), {
          status: 500,
        });
      }
    },
  };
}
