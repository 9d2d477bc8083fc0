/** Which page belongs to which address? Pages other than the list are loaded when they are opened. */
import { lazy, Suspense, type ReactElement } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { PageHeader } from "./display/page-header.tsx";
import { Skeleton } from "./display/skeleton.tsx";
import { PluginsPage } from "./plugins/plugins-page.tsx";
import { PageBoundary } from "./shell/page-boundary.tsx";
import { text } from "./text.ts";

const CataloguePage = lazy(async () => ({ default: (await import("./catalogue/catalogue-page.tsx")).CataloguePage }));
const ConsentPage = lazy(async () => ({ default: (await import("./consent/consent-page.tsx")).ConsentPage }));
const PluginPage = lazy(async () => ({ default: (await import("./plugin/plugin-page.tsx")).PluginPage }));

export function Pages(): ReactElement {
  const [path] = useLocation();
  return (
    <PageBoundary path={path}>
      <Suspense fallback={<Skeleton lines={6} />}>
        <Switch>
          <Route path="/plugins" component={PluginsPage} />
          <Route path="/plugins/:id/consent">{({ id }) => <ConsentPage key={id} id={id} />}</Route>
          <Route path="/plugins/:id/*?">{({ id }) => <PluginPage key={id} id={id} />}</Route>
          <Route path="/catalogue" component={CataloguePage} />
          <Route path="/">
            <Redirect to="/plugins" replace />
          </Route>
          <Route path="/sign-in">
            <Redirect to="/plugins" replace />
          </Route>
          <Route>
            <PageHeader title={text.notFound.title} hint={text.notFound.detail} />
          </Route>
        </Switch>
      </Suspense>
    </PageBoundary>
  );
}
