/** How Kumo's links move about: inside the dashboard without loading the page anew. */
import type { LinkComponentProps } from "@cloudflare/kumo/utils";
import { forwardRef } from "react";
import { Link } from "wouter";

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

export const AppLink = forwardRef<HTMLAnchorElement, LinkComponentProps>(function AppLink({ to, href, ...rest }, ref) {
  const target = href ?? to ?? "";
  return SCHEME.test(target) ? <a {...rest} ref={ref} href={target} /> : <Link {...rest} ref={ref} href={target} />;
});
